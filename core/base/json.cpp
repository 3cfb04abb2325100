#include "core/base/json.hpp"

#include "core/base/number_text.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace pier {
namespace {

/// Receives the parser's events and builds the value, so that no second tree exists.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(Json& root, int max_depth)
      : root_(root),
        max_depth_(max_depth) {}

  bool null() override { return put(Json()); }

  bool boolean(bool value) override { return put(Json(value)); }

  bool number_integer(std::int64_t value) override { return put(Json(value)); }

  bool number_unsigned(std::uint64_t value) override {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return put(Json(static_cast<std::int64_t>(value)));
    }
    return put(Json(static_cast<double>(value)));
  }

  bool number_float(double value, const std::string&) override { return put(Json(value)); }

  bool string(std::string& value) override { return put(Json(std::move(value))); }

  bool binary(nlohmann::json::binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Json(Json::Object{})); }

  bool key(std::string& value) override {
    key_ = std::move(value);
    return true;
  }

  bool end_object() override { return close(); }

  bool start_array(std::size_t) override { return open(Json(Json::Array{})); }

  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    if (problem_.empty()) {
      problem_ = "not valid JSON near byte " + std::to_string(position);
    }
    return false;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  Json* place(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.as_array().push_back(std::move(value));
      return &parent.as_array().back();
    }
    return &(parent.as_object().insert_or_assign(std::move(key_), std::move(value)).first->second);
  }

  bool put(Json value) {
    place(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (static_cast<int>(stack_.size()) >= max_depth_) {
      problem_ = "JSON is nested deeper than " + std::to_string(max_depth_) + " levels";
      return false;
    }
    stack_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  Json& root_;
  int max_depth_;
  std::vector<Json*> stack_;
  std::string key_;
  std::string problem_;
};

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  // Large and small numbers as Go and JavaScript write them: 1000000, not 1e+06.
  const double size = std::abs(value);
  constexpr double k_exact = 9007199254740992.0; // 2^53; larger ones have digits that tell nothing
  if (size >= k_exact && size < 1e21) {
    out += plain_number(value);
    return;
  }
  std::array<char, 32> buffer{};
  const bool plain = size == 0 || (size >= 1e-6 && size < k_exact);
  const auto [end, _] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                      plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  if (text.size() > 4 && text.substr(text.size() - 4, 3) == "e-0") {
    out.append(text.substr(0, text.size() - 2)); // 1e-7, not 1e-07
    text.remove_prefix(text.size() - 1);
  }
  out += text;
}

void append_newline(std::string& out, int indent, int level) {
  if (indent > 0) {
    out += '\n';
    out.append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(level), ' ');
  }
}

void append_value(std::string& out, const Json& value, int indent, int level, bool html_escape);

template <class Items, class Append>
void append_items(std::string& out, const Items& items, char open, char close, int indent, int level, Append append) {
  out += open;
  bool first = true;
  for (const auto& item : items) {
    if (!std::exchange(first, false)) {
      out += ',';
    }
    append_newline(out, indent, level + 1);
    append(item);
  }
  if (!first) {
    append_newline(out, indent, level);
  }
  out += close;
}

void append_value(std::string& out, const Json& value, int indent, int level, bool html_escape) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += std::to_string(value.as_integer());
  } else if (value.is_double()) {
    append_double(out, value.as_double());
  } else if (value.is_string()) {
    append_json_string(out, value.as_string(), html_escape);
  } else if (value.is_array()) {
    append_items(out, value.as_array(), '[', ']', indent, level,
                 [&](const Json& item) { append_value(out, item, indent, level + 1, html_escape); });
  } else {
    append_items(out, value.as_object(), '{', '}', indent, level, [&](const auto& member) {
      append_json_string(out, member.first, html_escape);
      out += indent > 0 ? ": " : ":";
      append_value(out, member.second, indent, level + 1, html_escape);
    });
  }
}

void append_escaped_code(std::string& out, unsigned code) {
  static constexpr std::string_view k_digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out += k_digits[(code >> static_cast<unsigned>(shift)) & 0xFU];
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text, bool html_escape) {
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
    case '"': out += "\\\""; continue;
    case '\\': out += "\\\\"; continue;
    case '\n': out += "\\n"; continue;
    case '\r': out += "\\r"; continue;
    case '\t': out += "\\t"; continue;
    case '\b': out += "\\b"; continue;
    case '\f': out += "\\f"; continue;
    default: break;
    }
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || (html_escape && (c == '<' || c == '>' || c == '&'))) {
      append_escaped_code(out, code);
    } else if (html_escape && text.substr(i, 2) == "\xE2\x80" && i + 2 < text.size() &&
               (text[i + 2] == '\xA8' || text[i + 2] == '\xA9')) {
      append_escaped_code(out, text[i + 2] == '\xA8' ? 0x2028U : 0x2029U);
      i += 2;
    } else {
      out += c;
    }
  }
  out += '"';
}

Json Json::strings(const std::vector<std::string>& items) {
  Array array;
  array.reserve(items.size());
  for (const auto& item : items) {
    array.emplace_back(item);
  }
  return Json(std::move(array));
}

double Json::as_double() const {
  return is_integer() ? static_cast<double>(as_integer()) : std::get<double>(value_);
}

const Json* Json::find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) {
    return nullptr;
  }
  const auto it = object->find(key);
  return it == object->end() ? nullptr : &it->second;
}

Json* Json::find(std::string_view key) {
  return const_cast<Json*>(std::as_const(*this).find(key));
}

const Json* Json::find_path(std::initializer_list<std::string_view> keys) const {
  const Json* value = this;
  for (const auto key : keys) {
    value = value->find(key);
    if (value == nullptr) {
      return nullptr;
    }
  }
  return value;
}

std::string Json::get_string(std::string_view key, std::string_view fallback) const {
  const Json* member = find(key);
  return member != nullptr && member->is_string() ? member->as_string() : std::string(fallback);
}

std::int64_t Json::get_integer(std::string_view key, std::int64_t fallback) const {
  const Json* member = find(key);
  return member != nullptr && member->is_integer() ? member->as_integer() : fallback;
}

bool Json::get_bool(std::string_view key, bool fallback) const {
  const Json* member = find(key);
  return member != nullptr && member->is_bool() ? member->as_bool() : fallback;
}

std::vector<std::string> Json::get_strings(std::string_view key) const {
  std::vector<std::string> items;
  const Json* member = find(key);
  if (member != nullptr && member->is_array()) {
    for (const auto& item : member->as_array()) {
      if (item.is_string()) {
        items.push_back(item.as_string());
      }
    }
  }
  return items;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) {
    value_ = Object{};
  }
  auto& object = std::get<Object>(value_);
  const auto it = object.find(key);
  return it != object.end() ? it->second : object.emplace(std::string(key), Json()).first->second;
}

void Json::push_back(Json item) {
  if (is_null()) {
    value_ = Array{};
  }
  std::get<Array>(value_).push_back(std::move(item));
}

void Json::erase(std::string_view key) {
  if (auto* object = std::get_if<Object>(&value_)) {
    if (const auto it = object->find(key); it != object->end()) {
      object->erase(it);
    }
  }
}

std::size_t Json::size() const {
  if (is_array()) {
    return as_array().size();
  }
  return is_object() ? as_object().size() : 0;
}

std::string Json::dump(int indent, bool html_escape) const {
  std::string out;
  append_value(out, *this, indent, 0, html_escape);
  return out;
}

Result<Json> Json::parse(std::string_view text, int max_depth) {
  Json root;
  Builder builder(root, max_depth);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER0101",
                 .message = builder.problem().empty() ? "not valid JSON" : builder.problem()};
  }
  return root;
}

} // namespace pier
