#include "core/lakebase/startup_packet.hpp"

#include <algorithm>

namespace pier::lakebase {
namespace {

Error protocol_violation(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "08P01", .message = std::move(message)};
}

} // namespace

std::uint32_t read_uint32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

void append_uint32(std::string& out, std::uint32_t value) {
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    out += static_cast<char>((value >> (shift - 8)) & 0xFFU);
  }
}

std::string StartupPacket::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

bool StartupPacket::wants_replication() const {
  const auto value = parameter("replication");
  return !(value.empty() || value == "false" || value == "off" || value == "no" || value == "0");
}

Result<StartupPacket> StartupPacket::parse(std::string_view packet) {
  if (packet.size() < 9 || packet.size() > k_max_startup_packet || read_uint32(packet, 0) != packet.size()) {
    return protocol_violation("invalid length of startup packet");
  }
  StartupPacket out{.version = read_uint32(packet, 4)};
  if ((out.version >> 16U) != 3) {
    return protocol_violation("unsupported frontend protocol " + std::to_string(out.version >> 16U) + "." +
                              std::to_string(out.version & 0xFFFFU));
  }
  std::string_view rest = packet.substr(8);
  const auto next = [&rest](std::string& text) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) {
      return false;
    }
    text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return true;
  };
  while (true) {
    std::string name;
    std::string value;
    if (!next(name)) {
      return protocol_violation("invalid startup packet layout: expected terminator as last byte");
    }
    if (name.empty()) {
      break;
    }
    if (!next(value)) {
      return protocol_violation("invalid startup packet layout: a parameter has no value");
    }
    // As the server does, the last of the same name holds.
    out.parameters[name] = value;
  }
  if (!rest.empty()) {
    return protocol_violation("invalid startup packet layout: expected terminator as last byte");
  }
  if (out.user().empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "28000",
                 .message = "no PostgreSQL user name specified in startup packet"};
  }
  return out;
}

std::string error_response(const ClientError& error) {
  std::string body;
  const auto field = [&body](char type, std::string_view text) {
    if (!text.empty()) {
      body += type;
      body += text;
      body += '\0';
    }
  };
  field('S', "FATAL");
  field('V', "FATAL");
  field('C', error.sql_state);
  field('M', error.message);
  field('H', error.hint);
  body += '\0';
  std::string out = "E";
  append_uint32(out, static_cast<std::uint32_t>(body.size() + 4));
  return out + body;
}

std::string authentication_cleartext_password() {
  std::string out = "R";
  append_uint32(out, 8);
  append_uint32(out, 3);
  return out;
}

Result<std::string> parse_password(std::string_view body) {
  const auto end = body.find('\0');
  if (end == std::string_view::npos || end + 1 != body.size()) {
    return protocol_violation("invalid password packet size");
  }
  if (end == 0) {
    return Error{.kind = ErrorKind::invalid_argument, .code = "28P01", .message = "empty password returned by client"};
  }
  return std::string(body.substr(0, end));
}

void ServerStreamTracker::feed(std::string_view bytes) {
  constexpr std::size_t k_header = 5;
  while (!bytes.empty()) {
    if (remaining_ > 0) {
      if (type_ == 'Z') {
        status_ = bytes.front();
        type_ = 0; // the first byte is the status; a well-formed message has no more
      }
      const auto take = std::min<std::uint64_t>(remaining_, bytes.size());
      bytes.remove_prefix(static_cast<std::size_t>(take));
      remaining_ -= take;
      continue;
    }
    if (header_.empty() && bytes.size() >= k_header) {
      // The usual case, without a copy.
      type_ = bytes.front();
      remaining_ = std::max<std::uint32_t>(read_uint32(bytes, 1), 4) - 4;
      bytes.remove_prefix(k_header);
      continue;
    }
    const auto take = std::min(k_header - header_.size(), bytes.size());
    header_ += bytes.substr(0, take);
    bytes.remove_prefix(take);
    if (header_.size() == k_header) {
      type_ = header_.front();
      remaining_ = std::max<std::uint32_t>(read_uint32(header_, 1), 4) - 4;
      header_.clear();
    }
  }
}

} // namespace pier::lakebase
