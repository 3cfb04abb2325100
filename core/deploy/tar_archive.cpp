#include "core/deploy/tar_archive.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace pier::deploy {
namespace {

constexpr std::size_t k_block = 512;
constexpr std::uint64_t k_date = 946684800; // 2000-01-01T00:00:00Z
constexpr std::size_t k_name_size = 100;
constexpr std::size_t k_prefix_size = 155;

/// A field of a header: where it starts and how long it is.
struct Field {
  std::size_t at;
  std::size_t size;
};

constexpr Field k_name{0, k_name_size};
constexpr Field k_mode{100, 8};
constexpr Field k_user{108, 8};
constexpr Field k_group{116, 8};
constexpr Field k_length{124, 12};
constexpr Field k_time{136, 12};
constexpr Field k_checksum{148, 8};
constexpr std::size_t k_type = 156;
constexpr std::size_t k_magic = 257;
constexpr Field k_major{329, 8};
constexpr Field k_minor{337, 8};
constexpr Field k_prefix{345, k_prefix_size};

using Header = std::string;

void put_text(Header& header, Field field, std::string_view text) {
  header.replace(field.at, std::min(field.size, text.size()), text.substr(0, field.size));
}

/// Octal digits up to the last byte of the field, which stays 0.
void put_number(Header& header, Field field, std::uint64_t number) {
  for (auto at = field.at + field.size - 1; at-- > field.at; number >>= 3U) {
    header[at] = static_cast<char>('0' + (number & 7U));
  }
}

Header make_header(char type, std::string_view name, std::uint64_t mode, std::uint64_t length, std::uint64_t time) {
  Header header(k_block, '\0');
  put_text(header, k_name, name);
  put_number(header, k_mode, mode);
  put_number(header, k_user, 0);
  put_number(header, k_group, 0);
  put_number(header, k_length, length);
  put_number(header, k_time, time);
  header[k_type] = type;
  return header;
}

/// Signs the header: the checksum counts its own field as blanks.
void seal(Header& header) {
  using namespace std::string_view_literals;
  header.replace(k_magic, 8, "ustar\00000"sv);
  header.replace(k_checksum.at, k_checksum.size, k_checksum.size, ' ');
  std::uint64_t sum = 0;
  for (const char c : header) {
    sum += static_cast<unsigned char>(c);
  }
  put_number(header, {k_checksum.at, k_checksum.size - 1}, sum);
  header[k_checksum.at + k_checksum.size - 2] = '\0';
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string only_ascii(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return out;
}

struct SplitName {
  std::string_view prefix;
  std::string_view name;
};

/// A name as the two fields of ustar; nothing when it does not fit.
std::optional<SplitName> split_name(std::string_view name) {
  if (!is_ascii(name)) {
    return std::nullopt;
  }
  if (name.size() <= k_name_size) {
    return SplitName{{}, name};
  }
  const auto slash = name.substr(0, k_prefix_size + 1).rfind('/');
  if (slash == std::string_view::npos || slash == 0 || name.size() - slash - 1 > k_name_size) {
    return std::nullopt;
  }
  return SplitName{name.substr(0, slash), name.substr(slash + 1)};
}

/// "30 path=…\n", where the number counts the whole record.
std::string path_record(std::string_view path) {
  const auto rest = " path=" + std::string(path) + "\n";
  auto size = rest.size();
  while (size != rest.size() + std::to_string(size).size()) {
    size = rest.size() + std::to_string(size).size();
  }
  return std::to_string(size) + rest;
}

} // namespace

TarArchive::TarArchive(Sink sink)
    : sink_(std::move(sink)) {}

void TarArchive::add_long_name(std::string_view name) {
  const auto file = name.rfind('/') + 1; // 0 without a slash
  const auto shown = only_ascii(std::string(name.substr(0, file)) + "PaxHeaders.0/" + std::string(name.substr(file)));
  const auto record = path_record(name);
  auto header = make_header('x', std::string_view(shown).substr(0, k_name_size), 0, record.size(), 0);
  seal(header);
  add_header(header);
  add_content(record);
}

void TarArchive::add(std::string_view name, std::string_view content, bool executable) {
  constexpr std::uint64_t k_plain = 0644;
  constexpr std::uint64_t k_program = 0755;
  const auto split = split_name(name);
  if (!split) {
    add_long_name(name);
  }
  auto header = make_header('0', split ? std::string(split->name) : only_ascii(name), executable ? k_program : k_plain,
                            content.size(), k_date);
  put_number(header, k_major, 0);
  put_number(header, k_minor, 0);
  put_text(header, k_prefix, split ? split->prefix : std::string_view());
  seal(header);
  add_header(header);
  add_content(content);
}

void TarArchive::add_header(std::string_view header) {
  pad();
  sink_(header);
}

void TarArchive::add_content(std::string_view content) {
  sink_(content);
  open_ = content.size() % k_block;
}

/// Only before what follows.
void TarArchive::pad() {
  if (open_ > 0) {
    sink_(std::string(k_block - open_, '\0'));
    open_ = 0;
  }
}

void TarArchive::finish() {
  const std::string empty(k_block, '\0');
  pad();
  sink_(empty);
  sink_(empty);
}

} // namespace pier::deploy
