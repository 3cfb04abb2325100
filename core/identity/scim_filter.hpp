#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace pier::identity {

/// A filter of SCIM lists (RFC 7644 3.4.2.2): attribute paths, eq ne co sw ew pr, and, or, not, parentheses.
/// Attribute names and texts compare without case; a path into a list means any of its items.
class ScimFilter {
 public:
  /// Bounded: 4 KiB, 32 levels. Error invalid_argument, scimType invalidFilter.
  static Result<ScimFilter> parse(std::string_view text);

  [[nodiscard]] bool matches(const Json& resource) const;

  struct Node;

 private:
  explicit ScimFilter(std::shared_ptr<const Node> root)
      : root_(std::move(root)) {}

  std::shared_ptr<const Node> root_; ///< immutable, shared by copies
};

/// Member of an object by name without case, or nullptr.
const Json* find_attribute(const Json& object, std::string_view name);

} // namespace pier::identity
