#include "core/apps/gateway/web_socket.hpp"

#include "core/base/encoding.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace pier::apps {
namespace {

constexpr std::uint64_t k_max_client_frame = 64ULL * 1024;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) {
    value = value << 8U | static_cast<unsigned char>(c);
  }
  return value;
}

struct FrameHeader {
  std::size_t size = 0; ///< of the header; 0: incomplete
  std::uint64_t payload = 0;
  bool masked = false;
};

FrameHeader parse_header(std::string_view bytes) {
  if (bytes.size() < 2) {
    return {};
  }
  FrameHeader header{.masked = (byte_at(bytes, 1) & 0x80U) != 0};
  const unsigned short_length = byte_at(bytes, 1) & 0x7fU;
  const std::size_t extra = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  const std::size_t size = 2 + extra + (header.masked ? 4 : 0);
  if (bytes.size() < size) {
    return {};
  }
  header.payload = extra == 0 ? short_length : big_endian(bytes.substr(2, extra));
  header.size = size;
  return header;
}

std::string frame(unsigned opcode, std::string_view payload) {
  std::string out(1, static_cast<char>(0x80U | opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xffff) {
    out += {static_cast<char>(126), static_cast<char>(payload.size() >> 8U), static_cast<char>(payload.size())};
  } else {
    out += static_cast<char>(127);
    for (int shift = 56; shift >= 0; shift -= 8) {
      out += static_cast<char>(payload.size() >> static_cast<unsigned>(shift));
    }
  }
  return out.append(payload);
}

} // namespace

bool FrameObserver::observe(std::string_view bytes) {
  bool data = false;
  while (!bytes.empty()) {
    if (left_ > 0) {
      const auto skip = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= skip;
      bytes.remove_prefix(skip);
      continue;
    }
    header_ += bytes.front();
    bytes.remove_prefix(1);
    if (const auto header = parse_header(header_); header.size > 0) {
      data = data || (byte_at(header_, 0) & 0x0fU) <= 2;
      left_ = header.payload;
      header_.clear();
    }
  }
  return data;
}

std::string websocket_accept(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string text_frame(std::string_view text) {
  return frame(1, text);
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  std::string payload = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
  return frame(8, payload.append(reason.substr(0, 123)));
}

std::optional<ClientFrame> parse_client_frame(std::string_view bytes, bool& broken) {
  const auto header = parse_header(bytes);
  if (header.size == 0) {
    return std::nullopt;
  }
  if (!header.masked || header.payload > k_max_client_frame) {
    broken = true;
    return std::nullopt;
  }
  if (bytes.size() - header.size < header.payload) {
    return std::nullopt;
  }
  const auto mask = bytes.substr(header.size - 4, 4);
  ClientFrame result{.opcode = byte_at(bytes, 0) & 0x0fU,
                     .payload = std::string(bytes.substr(header.size, static_cast<std::size_t>(header.payload))),
                     .size = header.size + static_cast<std::size_t>(header.payload)};
  for (std::size_t i = 0; i < result.payload.size(); ++i) {
    result.payload[i] = static_cast<char>(result.payload[i] ^ mask[i % 4]);
  }
  return result;
}

} // namespace pier::apps
