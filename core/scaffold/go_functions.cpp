#include "core/scaffold/go_functions.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdio>
#include <optional>

namespace pier::scaffold {

namespace {

using Arguments = std::span<const Value>;

Error wrong(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "PIER5002", .message = std::move(message)};
}

Result<std::partial_ordering> compare(const Value& a, const Value& b) {
  if (const auto *x = a.get<std::string>(), *y = b.get<std::string>(); x != nullptr && y != nullptr) {
    return std::partial_ordering(*x <=> *y);
  }
  if (const auto *x = a.get<std::int64_t>(), *y = b.get<std::int64_t>(); x != nullptr && y != nullptr) {
    return std::partial_ordering(*x <=> *y);
  }
  if (const auto *x = a.get<double>(), *y = b.get<double>(); x != nullptr && y != nullptr) {
    return *x <=> *y;
  }
  return wrong("cannot compare a " + std::string(a.type_name()) + " with a " + std::string(b.type_name()));
}

Result<bool> equal(const Value& a, const Value& b) {
  if (const auto *x = a.get<bool>(), *y = b.get<bool>(); x != nullptr && y != nullptr) {
    return *x == *y;
  }
  if (a.is_nil() || b.is_nil()) {
    return a.is_nil() && b.is_nil();
  }
  PIER_TRY_ASSIGN(const auto order, compare(a, b));
  return order == std::partial_ordering::equivalent;
}

/// eq a b c: a equals b or c.
Result<Value> equals_any(Arguments arguments) {
  if (arguments.size() < 2) {
    return wrong("\"eq\" compares at least two values");
  }
  for (const auto& candidate : arguments.subspan(1)) {
    PIER_TRY_ASSIGN(const bool same, equal(arguments[0], candidate));
    if (same) {
      return Value(true);
    }
  }
  return Value(false);
}

template <class Test> Function comparison(std::string name, Test test) {
  return [name, test](Arguments arguments) -> Result<Value> {
    if (arguments.size() != 2) {
      return wrong("\"" + name + "\" compares two values");
    }
    PIER_TRY_ASSIGN(const auto order, compare(arguments[0], arguments[1]));
    return Value(test(order));
  };
}

Result<Value> length(Arguments arguments) {
  if (arguments.size() == 1) {
    if (const auto* text = arguments[0].text()) {
      return Value(static_cast<std::int64_t>(text->size()));
    }
    if (const auto* list = arguments[0].get<Value::List>()) {
      return Value(static_cast<std::int64_t>(list->size()));
    }
    if (const auto* map = arguments[0].get<Value::Map>()) {
      return Value(static_cast<std::int64_t>(map->size()));
    }
  }
  return wrong("\"len\" takes a string, list or map");
}

Result<Value> index_once(const Value& from, const Value& key) {
  if (const auto* map = from.get<Value::Map>()) {
    const auto* name = key.text();
    if (name == nullptr) {
      return wrong("a map is indexed by a string");
    }
    const auto found = map->find(*name);
    return found == map->end() ? Value() : found->second;
  }
  const auto* at = key.get<std::int64_t>();
  const auto* list = from.get<Value::List>();
  const auto* text = from.text();
  if (at == nullptr || (list == nullptr && text == nullptr)) {
    return wrong("\"index\" cannot index a " + std::string(from.type_name()) + " by a " + std::string(key.type_name()));
  }
  const auto size = static_cast<std::int64_t>(list != nullptr ? list->size() : text->size());
  if (*at < 0 || *at >= size) {
    return wrong("index " + std::to_string(*at) + " is out of range, there are " + std::to_string(size) + " items");
  }
  const auto position = static_cast<std::size_t>(*at);
  if (list != nullptr) {
    return (*list)[position];
  }
  return Value(static_cast<std::int64_t>(static_cast<unsigned char>((*text)[position])));
}

Result<Value> index_into(Arguments arguments) {
  if (arguments.empty()) {
    return wrong("\"index\" needs a value");
  }
  Value value = arguments[0];
  for (const auto& key : arguments.subspan(1)) {
    PIER_TRY_ASSIGN(value, index_once(value, key));
  }
  return value;
}

Result<Value> slice(Arguments arguments) {
  if (arguments.empty() || arguments.size() > 3) {
    return wrong("\"slice\" takes a string or list and up to two positions");
  }
  const auto* text = arguments[0].text();
  const auto* list = arguments[0].get<Value::List>();
  if (text == nullptr && list == nullptr) {
    return wrong("\"slice\" takes a string or list");
  }
  const auto size = static_cast<std::int64_t>(text != nullptr ? text->size() : list->size());
  std::array<std::int64_t, 2> bounds{0, size};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto* position = arguments[i].get<std::int64_t>();
    if (position == nullptr || *position < 0 || *position > size) {
      return wrong("a position of \"slice\" is out of range");
    }
    bounds.at(i - 1) = *position;
  }
  if (bounds[0] > bounds[1]) {
    return wrong("the positions of \"slice\" are in the wrong order");
  }
  if (text != nullptr) {
    return Value(text->substr(static_cast<std::size_t>(bounds[0]), static_cast<std::size_t>(bounds[1] - bounds[0])));
  }
  return Value(Value::List(list->begin() + bounds[0], list->begin() + bounds[1]));
}

/// Go's Sprint: a space between two neighbours that are both no strings.
std::string print(Arguments arguments) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0 && arguments[i].text() == nullptr && arguments[i - 1].text() == nullptr) {
      out += ' ';
    }
    out += arguments[i].to_string();
  }
  return out;
}

std::string html_escape(std::string text) {
  text = replace_all(std::move(text), "&", "&amp;");
  text = replace_all(std::move(text), "<", "&lt;");
  text = replace_all(std::move(text), ">", "&gt;");
  text = replace_all(std::move(text), "\"", "&#34;");
  return replace_all(std::move(text), "'", "&#39;");
}

/// One directive between % and its verb: "%-08.3f".
struct Directive {
  std::string flags; ///< of "-+# 0"
  int width = 0;
  int precision = -1;
  char verb = 0;
};

std::optional<Directive> parse_directive(std::string_view format, std::size_t& at) {
  Directive out;
  while (at < format.size() && std::string_view("-+# 0").find(format[at]) != std::string_view::npos) {
    out.flags += format[at++];
  }
  const auto number = [&](int& value) {
    while (at < format.size() && format[at] >= '0' && format[at] <= '9') {
      value = std::min(value * 10 + (format[at++] - '0'), 1000);
    }
  };
  number(out.width);
  if (at < format.size() && format[at] == '.') {
    ++at;
    out.precision = 0;
    number(out.precision);
  }
  if (at >= format.size()) {
    return std::nullopt;
  }
  out.verb = format[at++];
  return out;
}

std::string pad(std::string text, const Directive& directive, bool zeros_allowed) {
  const auto width = static_cast<std::size_t>(directive.width);
  if (text.size() >= width) {
    return text;
  }
  const auto missing = width - text.size();
  if (directive.flags.find('-') != std::string::npos) {
    return text + std::string(missing, ' ');
  }
  if (zeros_allowed && directive.flags.find('0') != std::string::npos) {
    const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    return text.insert(sign, missing, '0');
  }
  return std::string(missing, ' ') + text;
}

/// Numbers go through snprintf with a fixed set of conversions, built here.
template <class Number> std::string format_number(const Directive& directive, std::string conversion, Number number) {
  std::string format = "%";
  for (const char flag : std::string_view("+# ")) {
    if (directive.flags.find(flag) != std::string::npos) {
      format += flag;
    }
  }
  if (directive.precision >= 0) {
    format += "." + std::to_string(std::min(directive.precision, 100));
  }
  format += conversion;
  std::array<char, 512> buffer{};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  std::snprintf(buffer.data(), buffer.size(), format.c_str(), number);
#pragma GCC diagnostic pop
  return buffer.data();
}

Result<std::string> format_one(const Directive& directive, const Value& value) {
  const std::string verb(1, directive.verb);
  const auto mismatch = [&] { return wrong("%" + verb + " cannot show a " + std::string(value.type_name())); };
  switch (directive.verb) {
  case 'v': return pad(value.to_string(), directive, value.text() == nullptr);
  case 't':
    if (value.get<bool>() == nullptr) {
      return mismatch();
    }
    return pad(value.to_string(), directive, false);
  case 's':
  case 'q': {
    if (value.text() == nullptr) {
      return mismatch();
    }
    auto text = *value.text();
    if (directive.precision >= 0) {
      text.resize(std::min(text.size(), static_cast<std::size_t>(directive.precision)));
    }
    if (directive.verb == 'q') {
      std::string quoted;
      append_json_string(quoted, text);
      text = std::move(quoted);
    }
    return pad(std::move(text), directive, false);
  }
  case 'd':
    if (const auto* number = value.get<std::int64_t>()) {
      return pad(format_number(directive, "lld", static_cast<long long>(*number)), directive, true);
    }
    return mismatch();
  case 'x':
    if (const auto* number = value.get<std::int64_t>()) {
      return pad(format_number(directive, "llx", static_cast<unsigned long long>(*number)), directive, true);
    }
    return value.text() != nullptr ? Result<std::string>(pad(hex_encode(*value.text()), directive, false)) : mismatch();
  case 'f':
  case 'g':
    if (const auto* number = value.get<double>()) {
      return pad(format_number(directive, verb, *number), directive, true);
    }
    return mismatch();
  default: return wrong("printf does not know %" + verb);
  }
}

} // namespace

Result<std::string> go_format(std::string_view format, std::span<const Value> arguments) {
  std::string out;
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < format.size()) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    const auto directive = parse_directive(format, ++at);
    if (!directive) {
      return wrong("the format ends after %");
    }
    if (directive->verb == '%') {
      out += '%';
      continue;
    }
    if (used >= arguments.size()) {
      return wrong("printf has more directives than values");
    }
    PIER_TRY_ASSIGN(const auto text, format_one(*directive, arguments[used++]));
    out += text;
  }
  if (used < arguments.size()) {
    return wrong("printf has more values than directives");
  }
  return out;
}

void add_go_functions(Functions& functions) {
  functions["not"] = [](Arguments arguments) -> Result<Value> {
    if (arguments.size() != 1) {
      return wrong("\"not\" takes one value");
    }
    return Value(!arguments[0].is_true());
  };
  functions["len"] = length;
  functions["index"] = index_into;
  functions["slice"] = slice;
  functions["print"] = [](Arguments arguments) -> Result<Value> { return Value(print(arguments)); };
  functions["println"] = [](Arguments arguments) -> Result<Value> {
    std::vector<std::string> parts;
    for (const auto& argument : arguments) {
      parts.push_back(argument.to_string());
    }
    return Value(join(parts, " ") + "\n");
  };
  functions["printf"] = [](Arguments arguments) -> Result<Value> {
    if (arguments.empty() || arguments[0].text() == nullptr) {
      return wrong("\"printf\" needs a format");
    }
    PIER_TRY_ASSIGN(auto text, go_format(*arguments[0].text(), arguments.subspan(1)));
    return Value(std::move(text));
  };
  functions["html"] = [](Arguments arguments) -> Result<Value> { return Value(html_escape(print(arguments))); };
  functions["urlquery"] = [](Arguments arguments) -> Result<Value> {
    return Value(replace_all(percent_encode(print(arguments)), "%20", "+"));
  };
  functions["eq"] = equals_any;
  functions["ne"] = [](Arguments arguments) -> Result<Value> {
    if (arguments.size() != 2) {
      return wrong("\"ne\" compares two values");
    }
    PIER_TRY_ASSIGN(const bool same, equal(arguments[0], arguments[1]));
    return Value(!same);
  };
  functions["lt"] = comparison("lt", [](std::partial_ordering order) { return order < 0; });
  functions["le"] = comparison("le", [](std::partial_ordering order) { return order <= 0; });
  functions["gt"] = comparison("gt", [](std::partial_ordering order) { return order > 0; });
  functions["ge"] = comparison("ge", [](std::partial_ordering order) { return order >= 0; });
}

} // namespace pier::scaffold
