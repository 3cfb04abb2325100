#include "bundles/config/normalise.hpp"
#include "bundles/config/quotes.hpp"

#include "core/base/number_text.hpp"
#include "core/base/text.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pier::bundles {
namespace {

class Normaliser {
 public:
  explicit Normaliser(Diagnostics& diagnostics)
      : diagnostics_(diagnostics) {}

  bool run(Value& value, model::Field field, const PathNode& path);

 private:
  bool map(Value& value, model::Field field, const PathNode& path);
  bool member(Mapping::Entry& entry, model::Field parent, const PathNode& path);
  bool list(Value& value, model::Field field, const PathNode& path);
  bool text(Value& value, const PathNode& path);
  bool boolean(Value& value, const PathNode& path);
  bool integer(Value& value, const PathNode& path);
  bool number(Value& value, const PathNode& path);
  void unknown_field(const Mapping::Entry& entry, model::Field parent, const PathNode& path);
  bool mismatch(std::string_view expected, const Value& value, const PathNode& path);
  bool is_null(std::string_view expected, const Value& value, const PathNode& path);
  bool warn(std::string code, std::string summary, const Value& value, const PathNode& path, std::string help);

  Diagnostics& diagnostics_;
};

bool is_pure_reference(const Value& value) {
  return value.is_text() && value.as_text().starts_with("${") && model::pure_reference(value.as_text()).has_value();
}

/// Blocks that only define anchors are no unknown fields.
bool only_anchors(const Value& value) {
  if (value.anchored()) {
    return true;
  }
  if (value.is_list()) {
    const auto& items = value.as_list();
    return !items.empty() && std::all_of(items.begin(), items.end(), only_anchors);
  }
  if (value.is_map()) {
    const auto& entries = value.as_map().entries();
    return !entries.empty() && std::all_of(entries.begin(), entries.end(),
                                           [](const Mapping::Entry& entry) { return only_anchors(entry.value); });
  }
  return false;
}

bool Normaliser::warn(std::string code, std::string summary, const Value& value, const PathNode& path,
                      std::string help) {
  Diagnostic problem;
  problem.code = std::move(code);
  problem.severity = Severity::warning;
  problem.summary = std::move(summary);
  problem.help = std::move(help);
  if (value.place().known()) {
    problem.spans = {value.place().to_span()};
  }
  problem.paths = {path.to_string()};
  diagnostics_.add(std::move(problem));
  return false;
}

bool Normaliser::mismatch(std::string_view expected, const Value& value, const PathNode& path) {
  return warn("PIER1021", "expected " + std::string(expected) + ", found " + std::string(kind_word(value.kind())),
              value, path, "the value is ignored");
}

bool Normaliser::is_null(std::string_view expected, const Value& value, const PathNode& path) {
  return warn("PIER1022", "expected a " + std::string(expected) + " value, found null", value, path,
              "give a value or remove the key");
}

bool Normaliser::run(Value& value, model::Field field, const PathNode& path) {
  switch (field.kind()) {
  case model::FieldKind::map: return map(value, field, path);
  case model::FieldKind::list: return list(value, field, path);
  case model::FieldKind::text: return text(value, path);
  case model::FieldKind::boolean: return boolean(value, path);
  case model::FieldKind::integer: return integer(value, path);
  case model::FieldKind::number: return number(value, path);
  case model::FieldKind::any: break;
  }
  if (value.kind() == ValueKind::time) {
    value.assign(std::string(value.as_time()));
  }
  return true;
}

bool Normaliser::map(Value& value, model::Field field, const PathNode& path) {
  if (value.is_nil() || is_pure_reference(value)) {
    return true;
  }
  if (!value.is_map()) {
    return mismatch("map", value, path);
  }
  if (!field.has_named_members() && !field.any_member()) {
    return true;
  }
  auto& entries = value.as_map().entries();
  const auto dropped = std::remove_if(entries.begin(), entries.end(),
                                      [&](Mapping::Entry& entry) { return !member(entry, field, path); });
  if (dropped != entries.end()) {
    entries.erase(dropped, entries.end());
    value.as_map().reindex();
  }
  return true;
}

bool Normaliser::member(Mapping::Entry& entry, model::Field parent, const PathNode& path) {
  const auto field = parent.member(entry.key);
  if (!field) {
    if (!only_anchors(entry.value)) {
      unknown_field(entry, parent, path);
    }
    return false;
  }
  return run(entry.value, *field, below(path, entry.key));
}

void Normaliser::unknown_field(const Mapping::Entry& entry, model::Field parent, const PathNode& path) {
  Diagnostic problem;
  problem.code = "PIER1020";
  problem.severity = Severity::warning;
  problem.spans = {entry.place.to_span()};
  if (const auto where = path.to_string(); !where.empty()) {
    problem.paths = {where};
  }
  if (entry.key == "valueFrom" && parent.member("value_from")) {
    problem.summary = "Use 'value_from' instead of 'valueFrom'";
    problem.detail =
        "The field 'valueFrom' should be 'value_from' (snake_case). The 'valueFrom' field will be ignored.";
  } else {
    problem.summary = "unknown field: " + entry.key;
    std::vector<std::string> names;
    for (const auto& candidate : parent.members()) {
      if (!candidate.field.output()) {
        names.emplace_back(candidate.name);
      }
    }
    if (const auto best = nearest(entry.key, names); !best.empty()) {
      problem.help = "did you mean '" + best + "'?";
    }
  }
  diagnostics_.add(std::move(problem));
}

bool Normaliser::list(Value& value, model::Field field, const PathNode& path) {
  if (value.is_nil() || is_pure_reference(value)) {
    return true;
  }
  if (!value.is_list()) {
    return mismatch("sequence", value, path);
  }
  const auto element = field.element();
  if (!element) {
    return true;
  }
  auto& items = value.as_list();
  std::size_t kept = 0;
  for (auto& item : items) {
    if (run(item, *element, below(path, kept))) {
      if (&items[kept] != &item) {
        items[kept] = std::move(item);
      }
      ++kept;
    }
  }
  items.resize(kept);
  return true;
}

bool Normaliser::text(Value& value, const PathNode& path) {
  switch (value.kind()) {
  case ValueKind::text: return true;
  case ValueKind::boolean: value.assign(std::string(value.as_boolean() ? "true" : "false")); return true;
  case ValueKind::integer: value.assign(std::to_string(value.as_integer())); return true;
  case ValueKind::number: value.assign(plain_number(value.as_number())); return true;
  case ValueKind::time: value.assign(std::string(value.as_time())); return true;
  case ValueKind::nil: return is_null("string", value, path);
  case ValueKind::list:
  case ValueKind::map: break;
  }
  return mismatch("string", value, path);
}

bool Normaliser::boolean(Value& value, const PathNode& path) {
  static constexpr std::array<std::string_view, 9> k_yes = {"true", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
  static constexpr std::array<std::string_view, 9> k_no = {"false", "n", "N", "no", "No", "NO", "off", "Off", "OFF"};
  if (value.is_boolean() || is_pure_reference(value)) {
    return true;
  }
  if (value.is_text() && std::find(k_yes.begin(), k_yes.end(), value.as_text()) != k_yes.end()) {
    value.assign(true);
    return true;
  }
  if (value.is_text() && std::find(k_no.begin(), k_no.end(), value.as_text()) != k_no.end()) {
    value.assign(false);
    return true;
  }
  return value.is_nil() ? is_null("bool", value, path) : mismatch("bool", value, path);
}

bool Normaliser::integer(Value& value, const PathNode& path) {
  if (value.is_integer() || is_pure_reference(value)) {
    return true;
  }
  if (value.kind() == ValueKind::number) {
    const double number = value.as_number();
    if (std::abs(number) < 9.2e18 && std::trunc(number) == number) {
      value.assign(static_cast<std::int64_t>(number));
      return true;
    }
    return warn("PIER1023",
                "cannot accurately represent \"" + shortest_number(number) + "\" as integer due to precision loss",
                value, path, "write a whole number");
  }
  if (value.is_text()) {
    std::string_view digits = value.as_text();
    if (digits.starts_with('+') && !digits.starts_with("+-")) {
      digits.remove_prefix(1);
    }
    std::int64_t number = 0;
    if (!digits.empty() && parse_int64(digits, number)) {
      value.assign(number);
      return true;
    }
    return warn("PIER1023", "cannot parse " + in_quotes(value.as_text()) + " as an integer", value, path,
                "write a whole number");
  }
  return value.is_nil() ? is_null("int", value, path) : mismatch("int", value, path);
}

bool Normaliser::number(Value& value, const PathNode& path) {
  if (value.kind() == ValueKind::number || is_pure_reference(value)) {
    return true;
  }
  if (value.is_integer()) {
    const auto number = static_cast<double>(value.as_integer());
    if (static_cast<std::int64_t>(number) != value.as_integer()) {
      return warn("PIER1023",
                  "cannot accurately represent \"" + std::to_string(value.as_integer()) +
                      "\" as floating point number due to precision loss",
                  value, path, {});
    }
    value.assign(number);
    return true;
  }
  if (value.is_text()) {
    const auto& text = value.as_text();
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc() && end == text.data() + text.size() && !text.empty()) {
      value.assign(number);
      return true;
    }
    return warn("PIER1023", "cannot parse " + in_quotes(text) + " as a floating point number", value, path,
                "write a number");
  }
  return value.is_nil() ? is_null("float", value, path) : mismatch("float", value, path);
}

} // namespace

bool normalise(Value& value, model::Field field, const PathNode& path, Diagnostics& diagnostics) {
  return Normaliser(diagnostics).run(value, field, path);
}

} // namespace pier::bundles
