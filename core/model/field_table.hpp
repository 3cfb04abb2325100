#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pier::model {

enum class FieldKind : std::uint8_t { map, list, text, boolean, integer, number, any };

/// One field of the language: a view into the table of all fields that databricks.yml knows
/// (fields.inc, made by scripts/generate-field-table). Copies are free; the table lives in the binary.
class Field {
 public:
  /// The whole file.
  static Field root();
  /// By a path such as "resources.jobs.*": `*` and `[*]` are the any-key and the element.
  static std::optional<Field> at(std::string_view path);

  [[nodiscard]] FieldKind kind() const;
  /// Its absence is a warning; also: an empty text is kept and sent.
  [[nodiscard]] bool required() const;
  /// Computed by the server: accepted, but not something to write.
  [[nodiscard]] bool output() const;
  /// A structure that tells optional scalars given as zero from missing ones (Go SDK: ForceSendFields). Those that have
  /// nothing but choices, and some of the official CLI's own, cannot: a zero is nothing there.
  [[nodiscard]] bool keeps_zeros() const;
  /// A member that is told apart from a missing one when it is zero or null: its structure keeps zeros and is the one
  /// that has it (resources of the official CLI add members to those of the SDK).
  [[nodiscard]] bool remembered() const;
  /// A structure that is there even when nothing is given, rather than missing.
  [[nodiscard]] bool always_there() const;
  /// A scalar of which zero is not the same as missing although its structure remembers nothing.
  [[nodiscard]] bool has_three_states() const;
  /// Allowed values; empty: any.
  [[nodiscard]] std::vector<std::string_view> choices() const;
  [[nodiscard]] bool has_choices() const;

  /// A named member, or the any-key of a free map.
  [[nodiscard]] std::optional<Field> member(std::string_view name) const;
  [[nodiscard]] bool has_named_members() const;
  [[nodiscard]] std::optional<Field> any_member() const;
  [[nodiscard]] std::optional<Field> element() const;

  struct Named;
  [[nodiscard]] std::vector<Named> members() const;

  /// Equal for fields with equal subtrees.
  [[nodiscard]] std::int16_t id() const { return id_; }

  bool operator==(const Field&) const = default;

 private:
  explicit Field(std::int16_t id)
      : id_(id) {}

  std::int16_t id_;
};

struct Field::Named {
  std::string_view name;
  Field field;
};

} // namespace pier::model
