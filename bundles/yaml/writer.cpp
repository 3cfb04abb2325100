#include "bundles/yaml/writer.hpp"

#include "bundles/yaml/scalar_style.hpp"
#include "core/base/number_text.hpp"
#include "core/base/ordered_members.hpp"

#include <algorithm>
#include <utility>

namespace pier::bundles {
namespace {

constexpr std::size_t k_level = 2;
constexpr std::size_t k_longest_simple_key = 128;

std::string text_of(const Json& scalar) {
  if (scalar.is_string()) {
    return scalar.as_string();
  }
  return scalar.is_double() ? shortest_number(scalar.as_double()) : scalar.dump();
}

class Writer {
 public:
  explicit Writer(const std::set<std::string, std::less<>>& quoted)
      : quoted_(quoted) {}

  std::string document(const Json& value, const MemberOrder& order) {
    write(value, {.order = &order}, Place::begin);
    line_end();
    return std::move(out_);
  }

 private:
  /// What comes before a value on its line.
  enum class Place { begin, behind_key, behind_dash };

  struct Level {
    const MemberOrder* order = nullptr;
    std::size_t indent = 0;
    bool quoted = false;
  };

  void line_end() {
    if (!out_.empty() && out_.back() != '\n') {
      out_ += '\n';
    }
  }

  void begin_line(std::size_t indent) {
    line_end();
    out_.append(indent, ' ');
  }

  void write(const Json& value, Level level, Place place) {
    const std::string_view space = place == Place::begin ? "" : " ";
    if (value.is_object() && !value.is_empty()) {
      write_members(value.as_object(), level, place);
    } else if (value.is_array() && !value.is_empty()) {
      write_items(value.as_array(), level, place);
    } else if (value.is_object() || value.is_array()) {
      out_ += space;
      out_ += value.is_object() ? "{}" : "[]";
    } else {
      out_ += space;
      write_scalar(value, level);
    }
  }

  /// The first of a nested block stands behind the dash or on a line of its own.
  void begin_entry(std::size_t indent, bool first, Place place) {
    if (first && place == Place::behind_dash) {
      out_ += ' ';
    } else if (!first || place == Place::behind_key) {
      begin_line(indent);
    }
  }

  void write_members(const Json::Object& members, Level level, Place place) {
    bool first = true;
    for (const auto* member : in_order(members, level.order)) {
      begin_entry(level.indent, std::exchange(first, false), place);
      const bool simple = write_key(member->first, level);
      const Level below{.order = order_below(level.order, member->first),
                        .indent = level.indent + k_level,
                        .quoted = level.quoted || quoted_.contains(member->first)};
      write(member->second, below, simple ? Place::behind_key : Place::behind_dash);
    }
  }

  /// False for a long key: it stands behind a question mark, and its value on the next line.
  bool write_key(const std::string& key, const Level& level) {
    if (key.size() <= k_longest_simple_key && !has_line_break(key)) {
      append(key, fitting_style(key, wanted_style(key, level.quoted), true), level.indent);
      out_ += ':';
      return true;
    }
    out_ += "? ";
    append(key, fitting_style(key, wanted_style(key, level.quoted), false), level.indent + k_level);
    begin_line(level.indent);
    out_ += ':';
    return false;
  }

  void write_items(const Json::Array& items, Level level, Place place) {
    bool first = true;
    for (const auto& item : items) {
      begin_entry(level.indent, std::exchange(first, false), place);
      out_ += '-';
      auto below = level;
      below.indent += k_level;
      write(item, below, Place::behind_dash);
    }
  }

  void write_scalar(const Json& value, const Level& level) {
    const auto text = text_of(value);
    const bool quoted = level.quoted || (value.is_string() && looks_like_value(text));
    append(text, fitting_style(text, wanted_style(text, quoted), false), level.indent);
  }

  static ScalarStyle wanted_style(const std::string& text, bool quoted) {
    const bool has_lines = text.find('\n') != std::string::npos;
    return quoted ? ScalarStyle::double_quoted : has_lines ? ScalarStyle::literal : ScalarStyle::plain;
  }

  void append(const std::string& text, ScalarStyle style, std::size_t indent) {
    switch (style) {
    case ScalarStyle::plain: out_ += text; break;
    case ScalarStyle::single_quoted: out_ += single_quoted(text); break;
    case ScalarStyle::double_quoted: out_ += double_quoted(text); break;
    case ScalarStyle::literal: append_literal(text, indent); break;
    }
  }

  void append_literal(std::string_view text, std::size_t indent) {
    out_ += '|';
    if (text.front() == ' ' || text.front() == '\n') {
      out_ += std::to_string(k_level);
    }
    const bool keeps_all = text == "\n" || text.ends_with("\n\n");
    if (keeps_all || text.back() != '\n') {
      out_ += keeps_all ? '+' : '-';
    }
    out_ += '\n';
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      if (end > 0) {
        out_.append(indent, ' ');
        out_ += text.substr(0, end);
      }
      if (end < text.size()) {
        out_ += '\n';
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  const std::set<std::string, std::less<>>& quoted_;
  std::string out_;
};

} // namespace

std::string write_yaml(const Json& value, const YamlStyle& style) {
  return Writer(style.quoted).document(value, style.order);
}

} // namespace pier::bundles
