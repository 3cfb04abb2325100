#pragma once

#include "core/base/result.hpp"
#include "core/lake/delta/actions.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace pier::lake::delta {

/// The deleted rows of one data file, by position. Immutable.
class DeletedRows {
 public:
  /// Decodes the serialized form (protocol: "Deletion Vector Format"): magic number, then bitmaps. Checks the
  /// cardinality. Error DELTA_LOG_CORRUPT.
  static Result<std::shared_ptr<const DeletedRows>> parse(std::string_view bytes, std::int64_t cardinality);
  /// Reads the vector of an action of the table in `root`.
  static Result<std::shared_ptr<const DeletedRows>> load(const DeletionVector& vector,
                                                         const std::filesystem::path& root);

  virtual ~DeletedRows() = default;
  [[nodiscard]] virtual bool contains(std::uint64_t row) const = 0;
};

/// Z85 without padding, as Delta writes inline vectors and UUIDs.
Result<std::string> z85_decode(std::string_view text);

} // namespace pier::lake::delta
