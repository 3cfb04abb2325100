#include "core/lake/sql/lexer.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <array>

namespace pier::lake::sql {
namespace {

constexpr std::size_t k_max_statement = 16U << 20U;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}

int hex_value(char c) {
  return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    out += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view sql)
      : sql_(sql) {}

  Result<std::vector<Token>> run() {
    while (true) {
      PIER_TRY(skip_blank());
      Token token{.begin = at_};
      if (at_ >= sql_.size()) {
        token.finish = at_;
        tokens_.push_back(std::move(token));
        return std::move(tokens_);
      }
      PIER_TRY(read(token));
      token.finish = at_;
      tokens_.push_back(std::move(token));
    }
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  Result<void> skip_blank() {
    while (at_ < sql_.size()) {
      const char c = peek();
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '-' && peek(1) == '-') {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (c == '/' && peek(1) == '*') {
        PIER_TRY(skip_bracketed());
      } else {
        return {};
      }
    }
    return {};
  }

  /// Bracketed comments nest.
  Result<void> skip_bracketed() {
    const auto begin = at_;
    int depth = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
      if (at_ >= sql_.size() && depth > 0) {
        return syntax_error(sql_, begin, "Found an unclosed bracketed comment");
      }
    } while (depth > 0);
    return {};
  }

  Result<void> read(Token& token) {
    const char c = peek();
    if (c == '`') {
      return read_quoted_name(token);
    }
    if (c == '\'' || c == '"') {
      return read_text(token, false);
    }
    if ((c == 'r' || c == 'R') && (peek(1) == '\'' || peek(1) == '"')) {
      ++at_;
      return read_text(token, true);
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(1)) && !after_name())) {
      return read_number(token);
    }
    if (is_name_start(c)) {
      token.kind = TokenKind::word;
      while (is_name_part(peek())) {
        token.text += sql_[at_++];
      }
      token.upper = to_upper(token.text);
      return {};
    }
    return read_symbol(token);
  }

  /// `t.1` is no number after a name.
  [[nodiscard]] bool after_name() const {
    return !tokens_.empty() && tokens_.back().finish == at_ && tokens_.back().kind != TokenKind::symbol;
  }

  Result<void> read_quoted_name(Token& token) {
    token.kind = TokenKind::quoted_name;
    ++at_;
    while (true) {
      if (at_ >= sql_.size()) {
        return syntax_error(sql_, token.begin, "Found an unclosed identifier");
      }
      if (peek() == '`') {
        if (peek(1) != '`') {
          break;
        }
        ++at_;
      }
      token.text += sql_[at_++];
    }
    ++at_;
    return {};
  }

  Result<void> read_text(Token& token, bool raw) {
    token.kind = TokenKind::text;
    const char quote = sql_[at_++];
    while (true) {
      if (at_ >= sql_.size()) {
        return syntax_error(sql_, token.begin, "Found an unclosed string literal");
      }
      const char c = sql_[at_++];
      if (c == quote) {
        return {};
      }
      if (c != '\\' || raw) {
        token.text += c;
      } else {
        read_escape(token.text);
      }
    }
  }

  void read_escape(std::string& out) {
    if (at_ >= sql_.size()) {
      return;
    }
    const char c = sql_[at_++];
    constexpr std::string_view k_names = "0bnrtZ";
    constexpr std::string_view k_values("\0\b\n\r\t\x1A", 6);
    if (const auto known = k_names.find(c); known != std::string_view::npos && !(c == '0' && is_digit(peek()))) {
      out += k_values[known];
    } else if (c == 'u' || c == 'U') {
      read_unicode(out, c, c == 'u' ? 4 : 8);
    } else if (c == '%' || c == '_') {
      (out += '\\') += c; // for LIKE
    } else if (c >= '0' && c <= '3' && is_digit(peek()) && is_digit(peek(1))) {
      append_utf8(out, static_cast<unsigned>((c - '0') * 64 + (peek() - '0') * 8 + (peek(1) - '0')));
      at_ += 2;
    } else {
      out += c;
    }
  }

  void read_unicode(std::string& out, char letter, std::size_t digits) {
    unsigned code = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const int value = hex_value(peek(i));
      if (value < 0) {
        out += letter;
        return;
      }
      code = code * 16 + static_cast<unsigned>(value);
    }
    at_ += digits;
    append_utf8(out, code > 0x10FFFF ? 0xFFFDU : code);
  }

  Result<void> read_number(Token& token) {
    token.kind = TokenKind::number;
    const auto digits = [&] {
      while (is_digit(peek())) {
        token.text += sql_[at_++];
      }
    };
    digits();
    if (peek() == '.' && !is_name_start(peek(1))) {
      token.text += sql_[at_++];
      digits();
    }
    if ((peek() == 'e' || peek() == 'E') &&
        (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) {
      token.text += sql_[at_++];
      token.text += sql_[at_++];
      digits();
    }
    while (is_name_part(peek())) { // a suffix: L, S, Y, D, F, BD
      token.text += sql_[at_++];
    }
    return {};
  }

  Result<void> read_symbol(Token& token) {
    constexpr std::array<std::string_view, 16> k_long{"<=>", ">>>", "<=", ">=", "<>", "!=", "==", "||",
                                                      "->",  "=>",  "::", "<<", ">>", "|>", "!<", "!>"};
    token.kind = TokenKind::symbol;
    for (const auto symbol : k_long) {
      if (sql_.substr(at_, symbol.size()) == symbol) {
        token.text = symbol;
        at_ += symbol.size();
        return {};
      }
    }
    constexpr std::string_view k_single = "()[]{},;.+-*/%=<>!&|^~:?";
    if (k_single.find(peek()) == std::string_view::npos) {
      return syntax_error(sql_, at_, std::string("Syntax error at or near '") + peek() + "'");
    }
    token.text = std::string(1, sql_[at_++]);
    return {};
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

} // namespace

Result<std::vector<Token>> tokenize(std::string_view sql) {
  if (sql.size() > k_max_statement) {
    return Error{.kind = ErrorKind::too_large,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "the statement is longer than 16 MiB"};
  }
  if (!is_valid_utf8(sql) || sql.find('\0') != std::string_view::npos) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PARSE_SYNTAX_ERROR",
                 .message = "the statement is not valid UTF-8 text"};
  }
  return Lexer(sql).run();
}

Error syntax_error(std::string_view sql, std::size_t offset, std::string message) {
  std::size_t line = 1;
  std::size_t column = 0;
  for (std::size_t i = 0; i < offset && i < sql.size(); ++i) {
    if (sql[i] == '\n') {
      ++line;
      column = 0;
    } else {
      ++column;
    }
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PARSE_SYNTAX_ERROR",
               .message =
                   std::move(message) + " (line " + std::to_string(line) + ", pos " + std::to_string(column) + ")"};
}

Result<std::vector<std::string>> split_script(std::string_view script) {
  PIER_TRY_ASSIGN(const auto tokens, tokenize(script));
  std::vector<std::string> out;
  std::size_t first = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is(";") || tokens[i].kind == TokenKind::end) {
      if (i > first) {
        out.emplace_back(script.substr(tokens[first].begin, tokens[i].begin - tokens[first].begin));
      }
      first = i + 1;
    }
  }
  return out;
}

} // namespace pier::lake::sql
