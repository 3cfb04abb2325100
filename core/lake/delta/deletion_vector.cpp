#include "core/lake/delta/deletion_vector.hpp"

#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/lake/delta/log_parser.hpp"

#include <roaring/roaring.h>

#include <array>
#include <cstring>
#include <map>

namespace pier::lake::delta {
namespace {

constexpr std::uint32_t k_magic = 1681511377;
constexpr std::uint64_t k_max_bitmaps = 1U << 16U;

Error corrupt(std::string message) {
  return Error{.kind = ErrorKind::invalid_state, .code = "DELTA_LOG_CORRUPT", .message = std::move(message)};
}

template <class T> T little_endian(std::string_view bytes) {
  T value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::uint32_t big_endian(std::string_view bytes) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[0])) << 24U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[1])) << 16U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[2])) << 8U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[3]));
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ (0xEDB88320U & (0U - (crc & 1U)));
    }
  }
  return ~crc;
}

struct BitmapFree {
  void operator()(roaring_bitmap_t* bitmap) const { roaring_bitmap_free(bitmap); }
};

using Bitmap = std::unique_ptr<roaring_bitmap_t, BitmapFree>;

class Bitmaps final : public DeletedRows {
 public:
  explicit Bitmaps(std::map<std::uint32_t, Bitmap> bitmaps)
      : bitmaps_(std::move(bitmaps)) {}

  [[nodiscard]] bool contains(std::uint64_t row) const override {
    const auto found = bitmaps_.find(static_cast<std::uint32_t>(row >> 32U));
    return found != bitmaps_.end() &&
           roaring_bitmap_contains(found->second.get(), static_cast<std::uint32_t>(row & 0xFFFFFFFFU));
  }

 private:
  std::map<std::uint32_t, Bitmap> bitmaps_;
};

/// Where the vector's file is: absolute, or a prefix and a UUID in Z85.
Result<std::filesystem::path> file_of(const DeletionVector& vector, const std::filesystem::path& root) {
  if (vector.storage_type == "p") {
    return std::filesystem::path(decode_path(vector.path_or_inline));
  }
  constexpr std::size_t k_uuid_text = 20;
  const auto& text = vector.path_or_inline;
  if (text.size() < k_uuid_text) {
    return corrupt("a deletion vector has no UUID");
  }
  const auto prefix = text.substr(0, text.size() - k_uuid_text);
  PIER_TRY_ASSIGN(const auto uuid, z85_decode(std::string_view(text).substr(prefix.size())));
  const auto hex = hex_encode(uuid);
  const auto name = "deletion_vector_" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
                    hex.substr(16, 4) + "-" + hex.substr(20) + ".bin";
  PIER_TRY_ASSIGN(auto path, resolve_inside(root, prefix.empty() ? name : prefix + "/" + name));
  return path;
}

} // namespace

Result<std::string> z85_decode(std::string_view text) {
  constexpr std::string_view k_alphabet =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  if (text.size() % 5 != 0) {
    return corrupt("a Z85 text has a length that is no multiple of 5");
  }
  std::string out;
  out.reserve(text.size() / 5 * 4);
  for (std::size_t i = 0; i < text.size(); i += 5) {
    std::uint64_t value = 0;
    for (std::size_t j = 0; j < 5; ++j) {
      const auto digit = k_alphabet.find(text[i + j]);
      if (digit == std::string_view::npos) {
        return corrupt("a Z85 text has a foreign character");
      }
      value = value * 85 + digit;
    }
    if (value > 0xFFFFFFFFU) {
      return corrupt("a Z85 group is too large");
    }
    for (unsigned shift = 32; shift > 0; shift -= 8) {
      out += static_cast<char>((value >> (shift - 8)) & 0xFFU);
    }
  }
  return out;
}

Result<std::shared_ptr<const DeletedRows>> DeletedRows::parse(std::string_view bytes, std::int64_t cardinality) {
  if (bytes.size() < 12 || little_endian<std::uint32_t>(bytes) != k_magic) {
    return corrupt("a deletion vector has no magic number");
  }
  const auto count = little_endian<std::uint64_t>(bytes.substr(4));
  bytes.remove_prefix(12);
  if (count > k_max_bitmaps) {
    return corrupt("a deletion vector has too many bitmaps");
  }
  std::map<std::uint32_t, Bitmap> bitmaps;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (bytes.size() < 4) {
      return corrupt("a deletion vector is cut off");
    }
    const auto key = little_endian<std::uint32_t>(bytes);
    bytes.remove_prefix(4);
    Bitmap bitmap(roaring_bitmap_portable_deserialize_safe(bytes.data(), bytes.size()));
    if (bitmap == nullptr) {
      return corrupt("a deletion vector is cut off");
    }
    bytes.remove_prefix(roaring_bitmap_portable_deserialize_size(bytes.data(), bytes.size()));
    total += roaring_bitmap_get_cardinality(bitmap.get());
    bitmaps[key] = std::move(bitmap);
  }
  if (total != static_cast<std::uint64_t>(cardinality)) {
    return corrupt("a deletion vector has " + std::to_string(total) + " rows, the log says " +
                   std::to_string(cardinality));
  }
  return std::shared_ptr<const DeletedRows>(std::make_shared<Bitmaps>(std::move(bitmaps)));
}

Result<std::shared_ptr<const DeletedRows>> DeletedRows::load(const DeletionVector& vector,
                                                             const std::filesystem::path& root) {
  if (vector.size < 0 || vector.offset < 0) {
    return corrupt("a deletion vector has a negative size");
  }
  const auto size = static_cast<std::size_t>(vector.size);
  if (vector.storage_type == "i") {
    PIER_TRY_ASSIGN(const auto bytes, z85_decode(vector.path_or_inline));
    if (bytes.size() < size) {
      return corrupt("an inline deletion vector is cut off");
    }
    return parse(std::string_view(bytes).substr(0, size), vector.cardinality);
  }
  if (vector.storage_type != "u" && vector.storage_type != "p") {
    return corrupt("a deletion vector is stored as '" + vector.storage_type + "'");
  }
  PIER_TRY_ASSIGN(const auto path, file_of(vector, root));
  PIER_TRY_ASSIGN(const auto file, read_file(path, 1ULL << 30U));
  const auto offset = static_cast<std::size_t>(vector.has_offset ? vector.offset : 1);
  if (file.size() < offset + size + 8) {
    return corrupt(path.filename().string() + " is cut off");
  }
  const std::string_view all(file);
  const auto body = all.substr(offset + 4, size);
  if (big_endian(all.substr(offset)) != size || big_endian(all.substr(offset + 4 + size)) != crc32(body)) {
    return corrupt(path.filename().string() + " fails its checksum");
  }
  return parse(body, vector.cardinality);
}

} // namespace pier::lake::delta
