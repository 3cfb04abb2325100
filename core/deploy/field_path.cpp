#include "core/deploy/field_path.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

using Step = FieldPath::Step;

bool parse_index(std::string_view text, std::size_t& index) {
  std::int64_t value = 0;
  if (!parse_int64(text, value) || value < 0) {
    return false;
  }
  index = static_cast<std::size_t>(value);
  return true;
}

/// "'it''s'" → "it's"
std::string unquote(std::string_view text) {
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
    text = text.substr(1, text.size() - 2);
  }
  return replace_all(std::string(text), "''", "'");
}

Step bracket_step(std::string_view inside) {
  Step step;
  if (inside == "*") {
    step.kind = Step::Kind::any;
    return step;
  }
  if (parse_index(inside, step.index)) {
    step.kind = Step::Kind::index;
    return step;
  }
  if (inside.starts_with('\'')) {
    step.kind = Step::Kind::map_key;
    step.name = unquote(inside);
    return step;
  }
  const auto equals = inside.find('=');
  if (equals == std::string_view::npos) {
    step.kind = Step::Kind::map_key;
    step.name = inside;
    return step;
  }
  step.kind = Step::Kind::keyed;
  step.name = inside.substr(0, equals);
  step.value = unquote(inside.substr(equals + 1));
  return step;
}

/// The end of a bracket that opens at `at`; quotes may hold a ']'.
std::size_t bracket_end(std::string_view text, std::size_t at) {
  bool quoted = false;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\'') {
      quoted = !quoted;
    } else if (text[i] == ']' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// Dot-separated text with stars: "a.*.c" against "a.b.c"; a star at the end takes the rest.
bool matches_dotted(std::string_view pattern, std::string_view text) {
  const auto wanted = split(pattern, '.');
  const auto given = split(text, '.');
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i >= given.size()) {
      return false;
    }
    if (wanted[i] == "*" && i + 1 == wanted.size()) {
      return true;
    }
    if (wanted[i] != "*" && wanted[i] != given[i]) {
      return false;
    }
  }
  return wanted.size() == given.size();
}

bool matches_step(const Step& step, const Step& pattern) {
  if (pattern.kind == Step::Kind::any) {
    return true;
  }
  if (pattern.kind == Step::Kind::map_key && step.kind == Step::Kind::map_key &&
      pattern.name.find('*') != std::string::npos) {
    return matches_dotted(pattern.name, step.name);
  }
  const auto is_name = [](const Step& s) { return s.kind == Step::Kind::field || s.kind == Step::Kind::map_key; };
  if (is_name(step) && is_name(pattern)) {
    return step.name == pattern.name;
  }
  return step == pattern;
}

std::string quoted(std::string_view text) {
  return "'" + replace_all(std::string(text), "'", "''") + "'";
}

template <class JsonLike> JsonLike* child_of(JsonLike& value, const Step& step) {
  const bool named = step.kind == Step::Kind::field || step.kind == Step::Kind::map_key;
  if (auto* embedded = named ? nullptr : value.find(k_embedded_list)) {
    return child_of(*embedded, step);
  }
  switch (step.kind) {
  case Step::Kind::field:
  case Step::Kind::map_key: return value.find(step.name);
  case Step::Kind::index:
    return value.is_array() && step.index < value.as_array().size() ? &value.as_array()[step.index] : nullptr;
  case Step::Kind::keyed:
    if (value.is_array()) {
      for (auto& item : value.as_array()) {
        if (item.get_string(step.name) == step.value && item.contains(step.name)) {
          return &item;
        }
      }
    }
    return nullptr;
  case Step::Kind::any: return nullptr;
  }
  return nullptr;
}

} // namespace

FieldPath FieldPath::parse(std::string_view text) {
  FieldPath path;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '.') {
      ++at;
      continue;
    }
    if (text[at] == '[') {
      const auto end = bracket_end(text, at);
      if (end == std::string_view::npos) {
        path.steps_.push_back(Step{.name = std::string(text.substr(at))});
        return path;
      }
      if (end > at + 1) {
        path.steps_.push_back(bracket_step(text.substr(at + 1, end - at - 1)));
      }
      at = end + 1;
      continue;
    }
    const auto end = std::min(text.find_first_of(".[", at), text.size());
    path.steps_.push_back(Step{.name = std::string(text.substr(at, end - at))});
    at = end;
  }
  return path;
}

FieldPath FieldPath::field(std::string_view name) const {
  FieldPath path = *this;
  path.steps_.push_back(Step{.name = std::string(name)});
  return path;
}

FieldPath FieldPath::map_key(std::string_view name) const {
  FieldPath path = *this;
  path.steps_.push_back(Step{.kind = Step::Kind::map_key, .name = std::string(name)});
  return path;
}

FieldPath FieldPath::index(std::size_t index) const {
  FieldPath path = *this;
  path.steps_.push_back(Step{.kind = Step::Kind::index, .index = index});
  return path;
}

FieldPath FieldPath::keyed(std::string_view name, std::string_view value) const {
  FieldPath path = *this;
  path.steps_.push_back(Step{.kind = Step::Kind::keyed, .name = std::string(name), .value = std::string(value)});
  return path;
}

std::string FieldPath::to_string() const {
  std::string text;
  for (const auto& step : steps_) {
    switch (step.kind) {
    case Step::Kind::field: text += (text.empty() ? "" : ".") + step.name; break;
    case Step::Kind::map_key: text += "[" + quoted(step.name) + "]"; break;
    case Step::Kind::index: text += "[" + std::to_string(step.index) + "]"; break;
    case Step::Kind::keyed: text += "[" + step.name + "=" + quoted(step.value) + "]"; break;
    case Step::Kind::any: text += "[*]"; break;
    }
  }
  return text;
}

std::string FieldPath::to_pattern() const {
  std::string text;
  for (const auto& step : steps_) {
    if (step.kind == Step::Kind::field || step.kind == Step::Kind::map_key) {
      text += (text.empty() ? "" : ".") + step.name;
    } else {
      text += "[*]";
    }
  }
  return text;
}

bool FieldPath::is_below(const FieldPath& pattern) const {
  return pattern.steps_.size() <= steps_.size() &&
         std::equal(pattern.steps_.begin(), pattern.steps_.end(), steps_.begin(),
                    [](const Step& wanted, const Step& given) { return matches_step(given, wanted); });
}

const Json* FieldPath::find_in(const Json& root) const {
  const Json* value = &root;
  for (const auto& step : steps_) {
    value = child_of(*value, step);
    if (value == nullptr) {
      return nullptr;
    }
  }
  return value;
}

bool FieldPath::set_in(Json& root, Json value) const {
  if (steps_.empty()) {
    root = std::move(value);
    return true;
  }
  Json* parent = &root;
  for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
    parent = child_of(*parent, steps_[i]);
    if (parent == nullptr) {
      return false;
    }
  }
  const auto& last = steps_.back();
  if (Json* existing = child_of(*parent, last)) {
    *existing = std::move(value);
    return true;
  }
  const bool named = last.kind == Step::Kind::field || last.kind == Step::Kind::map_key;
  if (!named || !(parent->is_object() || parent->is_null())) {
    return false;
  }
  (*parent)[last.name] = std::move(value);
  return true;
}

} // namespace pier::deploy
