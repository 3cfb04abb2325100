#include "bundles/yaml/scalar_style.hpp"

#include "core/base/text.hpp"
#include "core/base/utf8.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace pier::bundles {
namespace {

constexpr std::uint32_t k_next_line = 0x85;
constexpr std::uint32_t k_line_separator = 0x2028;
constexpr std::uint32_t k_paragraph_separator = 0x2029;
constexpr std::uint32_t k_byte_order_mark = 0xFEFF;

bool is_break(std::uint32_t code) {
  return code == '\r' || code == '\n' || code == k_next_line || code == k_line_separator ||
         code == k_paragraph_separator;
}

/// As the official writer sees it: nothing beyond the basic plane.
bool is_printable(std::uint32_t code) {
  return code == '\n' || (code >= 0x20 && code <= 0x7E) || (code >= 0xA0 && code < 0xD800) ||
         (code >= 0xE000 && code <= 0xFFFD && code != k_byte_order_mark);
}

/// What a text holds that some styles cannot show.
struct Contents {
  bool indicator = false; ///< would begin something else than a plain text
  bool line_break = false;
  bool tab = false;
  bool special = false; ///< needs an escape
  bool blank_edge = false;
  bool trailing_space = false;
  bool space_after_break = false;
  bool space_before_break = false;
};

bool is_blank(std::string_view text, std::size_t at) {
  return at >= text.size() || text[at] == ' ' || text[at] == '\t';
}

bool begins_something(std::string_view text, std::size_t at, std::size_t end, bool after_blank) {
  static constexpr std::string_view k_never_first = "#,[]{}&*!|>'\"%@`";
  const char c = text[at];
  if (at == 0) {
    return k_never_first.find(c) != std::string_view::npos ||
           ((c == '?' || c == ':' || c == '-') && is_blank(text, end));
  }
  return (c == ':' && is_blank(text, end)) || (c == '#' && after_blank);
}

Contents look_at(std::string_view text) {
  Contents found;
  found.indicator = text.starts_with("---") || text.starts_with("...");
  bool after_blank = true;
  bool after_space = false;
  bool after_break = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, size] = code_point_at(text, at);
    const auto end = at + size;
    const bool at_edge = at == 0 || end == text.size();
    found.indicator = found.indicator || begins_something(text, at, end, after_blank);
    found.tab = found.tab || code == '\t';
    found.special = found.special || (code != '\t' && !is_printable(code));
    const bool space = code == ' ';
    const bool line_break = is_break(code);
    found.blank_edge = found.blank_edge || (at_edge && (space || line_break));
    found.trailing_space = found.trailing_space || (space && end == text.size());
    found.line_break = found.line_break || line_break;
    found.space_after_break = found.space_after_break || (space && after_break);
    found.space_before_break = found.space_before_break || (line_break && after_space);
    after_space = space;
    after_break = line_break;
    after_blank = space || code == '\t' || line_break;
    at = end;
  }
  return found;
}

std::optional<char> short_escape(std::uint32_t code) {
  static constexpr std::array<std::pair<std::uint32_t, char>, 15> k_escapes{{{0x00, '0'},
                                                                             {0x07, 'a'},
                                                                             {0x08, 'b'},
                                                                             {0x09, 't'},
                                                                             {0x0A, 'n'},
                                                                             {0x0B, 'v'},
                                                                             {0x0C, 'f'},
                                                                             {0x0D, 'r'},
                                                                             {0x1B, 'e'},
                                                                             {'"', '"'},
                                                                             {'\\', '\\'},
                                                                             {k_next_line, 'N'},
                                                                             {0xA0, '_'},
                                                                             {k_line_separator, 'L'},
                                                                             {k_paragraph_separator, 'P'}}};
  for (const auto& [known, letter] : k_escapes) {
    if (known == code) {
      return letter;
    }
  }
  return std::nullopt;
}

void append_escape(std::string& out, std::uint32_t code) {
  static constexpr std::string_view k_digits = "0123456789ABCDEF";
  out += '\\';
  if (const auto letter = short_escape(code)) {
    out += *letter;
    return;
  }
  const int digits = code <= 0xFF ? 2 : code <= 0xFFFF ? 4 : 8;
  out += digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out += k_digits[(code >> static_cast<unsigned>(shift)) & 0xFU];
  }
}

bool is_digit(char c, bool hex) {
  return (c >= '0' && c <= '9') || (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

/// Without the underscores that may stand between digits; nothing when one stands elsewhere.
std::optional<std::string> without_underscores(std::string_view text, bool has_prefix) {
  const bool hex = has_prefix && (text[1] == 'x' || text[1] == 'X');
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
      continue;
    }
    const bool behind_digit = i > 0 && (is_digit(text[i - 1], hex) || (has_prefix && i == 2));
    if (!behind_digit || i + 1 == text.size() || !is_digit(text[i + 1], hex)) {
      return std::nullopt;
    }
  }
  return out;
}

template <class Number, class... Form> bool is_whole(std::string_view text, Form... form) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, form...);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

bool is_prefixed_number(char letter, std::string_view digits) {
  switch (letter) {
  case 'b': return is_whole<std::int64_t>(digits, 2);
  case 'o': return is_whole<std::int64_t>(digits, 8);
  default:
    return is_whole<std::int64_t>(digits, 16) ||
           (digits.find_first_of("pP") != std::string_view::npos && is_whole<double>(digits, std::chars_format::hex));
  }
}

/// A number as Go's ParseInt with base 0 or its ParseFloat takes it.
bool is_number(std::string_view text) {
  const bool is_signed = text.starts_with('+') || text.starts_with('-');
  text.remove_prefix(is_signed ? 1 : 0);
  const auto lower = to_lower(text);
  if (lower == "inf" || lower == "infinity" || (lower == "nan" && !is_signed)) {
    return true;
  }
  const bool has_prefix = lower.size() > 2 && lower[0] == '0' && std::string_view("box").find(lower[1]) < 3;
  const auto plain = without_underscores(text, has_prefix);
  if (!plain || plain->empty() || plain->starts_with('-') ||
      (plain->front() != '.' && !is_digit(plain->front(), false))) {
    return false;
  }
  return has_prefix ? is_prefixed_number(lower[1], std::string_view(*plain).substr(2))
                    : is_whole<double>(*plain, std::chars_format::general);
}

} // namespace

bool has_line_break(std::string_view text) {
  return look_at(text).line_break;
}

bool looks_like_value(std::string_view text) {
  return text.empty() || text == "true" || text == "false" || is_number(text);
}

ScalarStyle fitting_style(std::string_view text, ScalarStyle wanted, bool is_key) {
  if (text.empty()) {
    return wanted == ScalarStyle::plain && is_key ? ScalarStyle::single_quoted
           : wanted == ScalarStyle::literal       ? ScalarStyle::double_quoted
                                                  : wanted;
  }
  const auto found = look_at(text);
  const bool needs_escape = found.space_before_break || found.special;
  if (is_key && found.line_break) {
    return ScalarStyle::double_quoted;
  }
  if (wanted == ScalarStyle::literal) {
    return needs_escape || found.trailing_space || is_key ? ScalarStyle::double_quoted : wanted;
  }
  const bool quotes_hide = found.space_after_break || needs_escape || found.tab || found.line_break;
  if (wanted == ScalarStyle::plain && (found.blank_edge || found.indicator || quotes_hide)) {
    wanted = ScalarStyle::single_quoted;
  }
  return wanted == ScalarStyle::single_quoted && quotes_hide ? ScalarStyle::double_quoted : wanted;
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "''" : std::string(1, c);
  }
  return out + "'";
}

std::string double_quoted(std::string_view text) {
  // The official writer escapes everything behind a byte order mark.
  const bool all = !text.empty() && code_point_at(text, 0).code == k_byte_order_mark;
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, size] = code_point_at(text, at);
    if (all || !is_printable(code) || is_break(code) || code == '"' || code == '\\') {
      append_escape(out, code);
    } else {
      out += text.substr(at, size);
    }
    at += size;
  }
  return out + "\"";
}

} // namespace pier::bundles
