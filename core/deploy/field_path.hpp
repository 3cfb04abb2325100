#pragma once

#include "core/base/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pier::deploy {

/// The list of a permissions or grants node. Paths do not name it: it stands for the node itself.
inline constexpr std::string_view k_embedded_list = "__embed__";

/// A place inside a resource's configuration: "tasks[task_key='a'].libraries[0].whl", "tags['env']".
/// Also a pattern, when it holds `[*]`, which stands for any list item or map key.
class FieldPath {
 public:
  struct Step {
    enum class Kind { field, map_key, index, keyed, any };
    Kind kind = Kind::field;
    std::string name;      ///< field, map key, or the field that identifies a list item ("task_key")
    std::string value;     ///< keyed: the value of that field
    std::size_t index = 0; ///< index

    bool operator==(const Step&) const = default;
  };

  FieldPath() = default;

  /// Lenient: what it cannot read becomes a field name. An empty text is the root.
  static FieldPath parse(std::string_view text);

  [[nodiscard]] FieldPath field(std::string_view name) const;
  [[nodiscard]] FieldPath map_key(std::string_view name) const;
  [[nodiscard]] FieldPath index(std::size_t index) const;
  [[nodiscard]] FieldPath keyed(std::string_view name, std::string_view value) const;

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

  [[nodiscard]] bool is_root() const { return steps_.empty(); }

  [[nodiscard]] std::string to_string() const;

  /// List items and map keys as `[*]`: how lists with identified items are named in a kind.
  [[nodiscard]] std::string to_pattern() const;

  /// True when this path lies at or below the pattern. A `*` in a map key of the pattern stands for any
  /// text between dots; at the end for any rest.
  [[nodiscard]] bool is_below(const FieldPath& pattern) const;

  /// The value there, or nullptr.
  [[nodiscard]] const Json* find_in(const Json& root) const;
  /// Sets an existing or new member; false when the way there does not exist.
  bool set_in(Json& root, Json value) const;

  auto operator<=>(const FieldPath& other) const { return to_string() <=> other.to_string(); }

  bool operator==(const FieldPath&) const = default;

 private:
  std::vector<Step> steps_;
};

} // namespace pier::deploy
