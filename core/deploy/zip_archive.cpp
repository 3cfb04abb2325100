#include "core/deploy/zip_archive.hpp"

#include "core/deploy/gzip.hpp"

namespace pier::deploy {
namespace {

constexpr std::uint16_t k_version = 20;
constexpr std::uint16_t k_utf8 = 0x0800;
constexpr std::uint16_t k_date = 0x2821; // 2000-01-01

template <class Number> void put(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    out += static_cast<char>((number >> (8U * i)) & 0xFFU);
  }
}

/// What the header of a member and its entry in the directory have in common.
void put_common(std::string& out, std::uint32_t checksum, std::uint32_t size, std::size_t name) {
  put(out, k_version);
  put(out, k_utf8);
  put(out, std::uint16_t{0}); // stored
  put(out, std::uint16_t{0}); // midnight
  put(out, k_date);
  put(out, checksum);
  put(out, size);
  put(out, size);
  put(out, static_cast<std::uint16_t>(name));
  put(out, std::uint16_t{0}); // no extra field
}

} // namespace

void ZipArchive::add(std::string_view name, std::string_view content) {
  const Member member{.name = std::string(name),
                      .checksum = crc32_of(content),
                      .size = static_cast<std::uint32_t>(content.size()),
                      .offset = static_cast<std::uint32_t>(out_.size())};
  put(out_, std::uint32_t{0x04034B50});
  put_common(out_, member.checksum, member.size, name.size());
  out_ += name;
  out_ += content;
  members_.push_back(member);
}

std::string ZipArchive::finish() && {
  const auto begin = static_cast<std::uint32_t>(out_.size());
  for (const auto& member : members_) {
    put(out_, std::uint32_t{0x02014B50});
    put(out_, k_version);
    put_common(out_, member.checksum, member.size, member.name.size());
    put(out_, std::uint16_t{0}); // no comment
    put(out_, std::uint16_t{0}); // first disk
    put(out_, std::uint16_t{0});
    put(out_, std::uint32_t{0});
    put(out_, member.offset);
    out_ += member.name;
  }
  const auto size = static_cast<std::uint32_t>(out_.size()) - begin;
  const auto count = static_cast<std::uint16_t>(members_.size());
  put(out_, std::uint32_t{0x06054B50});
  put(out_, std::uint32_t{0}); // one disk
  put(out_, count);
  put(out_, count);
  put(out_, size);
  put(out_, begin);
  put(out_, std::uint16_t{0});
  return std::move(out_);
}

} // namespace pier::deploy
