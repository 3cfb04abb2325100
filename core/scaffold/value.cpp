#include "core/scaffold/value.hpp"

#include "core/base/number_text.hpp"

namespace pier::scaffold {

Value Value::from_json(const Json& json) {
  if (json.is_bool()) {
    return json.as_bool();
  }
  if (json.is_integer()) {
    return json.as_integer();
  }
  if (json.is_double()) {
    return json.as_double();
  }
  if (json.is_string()) {
    return json.as_string();
  }
  if (json.is_array()) {
    List list;
    for (const auto& item : json.as_array()) {
      list.push_back(from_json(item));
    }
    return list;
  }
  if (json.is_object()) {
    Map map;
    for (const auto& [key, item] : json.as_object()) {
      map.emplace(key, from_json(item));
    }
    return map;
  }
  return {};
}

bool Value::is_true() const {
  struct Truth {
    bool operator()(std::monostate) const { return false; }

    bool operator()(bool value) const { return value; }

    bool operator()(std::int64_t value) const { return value != 0; }

    bool operator()(double value) const { return value != 0; }

    bool operator()(const std::string& value) const { return !value.empty(); }

    bool operator()(const List& value) const { return !value.empty(); }

    bool operator()(const Map& value) const { return !value.empty(); }

    bool operator()(const ObjectRef& value) const { return value != nullptr; }
  };

  return std::visit(Truth{}, state_);
}

std::string_view Value::type_name() const {
  static constexpr std::array<std::string_view, 8> names{"nil",    "boolean", "integer", "number",
                                                         "string", "list",    "map",     "object"};
  return names[state_.index()];
}

std::string Value::to_string() const {
  struct Text {
    std::string operator()(std::monostate) const { return "<no value>"; }

    std::string operator()(bool value) const { return value ? "true" : "false"; }

    std::string operator()(std::int64_t value) const { return std::to_string(value); }

    std::string operator()(double value) const { return shortest_number(value); }

    std::string operator()(const std::string& value) const { return value; }

    std::string operator()(const List& value) const {
      std::string out = "[";
      for (const auto& item : value) {
        out += (out.size() > 1 ? " " : "") + item.to_string();
      }
      return out + "]";
    }

    std::string operator()(const Map& value) const {
      std::string out = "map[";
      for (const auto& [key, item] : value) {
        out += (out.size() > 4 ? " " : "") + key + ":" + item.to_string();
      }
      return out + "]";
    }

    std::string operator()(const ObjectRef& value) const { return value ? value->to_string() : "<nil>"; }
  };

  return std::visit(Text{}, state_);
}

} // namespace pier::scaffold
