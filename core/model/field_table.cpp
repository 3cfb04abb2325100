#include "core/model/field_table.hpp"

#include <algorithm>
#include <iterator>

namespace pier::model {
namespace {

struct Child {
  std::string_view name;
  std::int16_t node;
};

struct Node {
  FieldKind kind;
  std::uint8_t flags;
  std::uint8_t choices;
  std::int16_t first_child;
  std::int16_t child_count;
  std::int16_t any_member;
  std::int16_t element;
};

constexpr std::uint8_t k_required = 1;
constexpr std::uint8_t k_output = 2;
constexpr std::uint8_t k_keeps_zeros = 4;
constexpr std::uint8_t k_remembered = 8;
constexpr std::uint8_t k_always_there = 16;
constexpr std::uint8_t k_three_states = 32;

// clang-format off
#include "core/model/fields.inc"
// clang-format on

const Node& node_of(std::int16_t id) {
  return k_nodes[static_cast<std::size_t>(id)];
}

} // namespace

Field Field::root() {
  return Field(k_root);
}

std::optional<Field> Field::at(std::string_view path) {
  std::optional<Field> field = root();
  while (field && !path.empty()) {
    if (path.substr(0, 3) == "[*]") {
      field = field->element();
      path.remove_prefix(3);
    } else {
      const auto end = std::min(path.find_first_of(".["), path.size());
      const auto name = path.substr(0, end);
      field = name == "*" ? field->any_member() : field->member(name);
      path.remove_prefix(end);
    }
    if (!path.empty() && path.front() == '.') {
      path.remove_prefix(1);
    }
  }
  return field;
}

FieldKind Field::kind() const {
  return node_of(id_).kind;
}

bool Field::required() const {
  return (node_of(id_).flags & k_required) != 0;
}

bool Field::output() const {
  return (node_of(id_).flags & k_output) != 0;
}

bool Field::keeps_zeros() const {
  return (node_of(id_).flags & k_keeps_zeros) != 0;
}

bool Field::remembered() const {
  return (node_of(id_).flags & k_remembered) != 0;
}

bool Field::always_there() const {
  return (node_of(id_).flags & k_always_there) != 0;
}

bool Field::has_three_states() const {
  return (node_of(id_).flags & k_three_states) != 0;
}

bool Field::has_choices() const {
  return node_of(id_).choices != 0;
}

std::vector<std::string_view> Field::choices() const {
  std::vector<std::string_view> all;
  std::string_view rest = k_enums[node_of(id_).choices];
  while (!rest.empty()) {
    const auto end = std::min(rest.find('|'), rest.size());
    all.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

std::optional<Field> Field::member(std::string_view name) const {
  const Node& node = node_of(id_);
  const auto* begin = std::begin(k_children) + node.first_child;
  const auto* end = begin + node.child_count;
  const auto* it = std::lower_bound(begin, end, name,
                                    [](const Child& child, std::string_view wanted) { return child.name < wanted; });
  if (it != end && it->name == name) {
    return Field(it->node);
  }
  return any_member();
}

bool Field::has_named_members() const {
  return node_of(id_).child_count > 0;
}

std::optional<Field> Field::any_member() const {
  const auto id = node_of(id_).any_member;
  return id < 0 ? std::nullopt : std::optional(Field(id));
}

std::optional<Field> Field::element() const {
  const auto id = node_of(id_).element;
  return id < 0 ? std::nullopt : std::optional(Field(id));
}

std::vector<Field::Named> Field::members() const {
  std::vector<Named> all;
  const Node& node = node_of(id_);
  for (std::int16_t i = 0; i < node.child_count; ++i) {
    const auto& child = k_children[node.first_child + i];
    all.push_back({child.name, Field(child.node)});
  }
  return all;
}

} // namespace pier::model
