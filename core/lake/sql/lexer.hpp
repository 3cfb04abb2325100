#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake::sql {

enum class TokenKind {
  word,        ///< a name or keyword as written
  quoted_name, ///< `name`: never a keyword
  text,        ///< 'x', "x", r'x': text holds the value
  number,      ///< text as written, with its suffix
  symbol,      ///< operator or punctuation: "(", "<=", "||", "->" …
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  std::string upper;      ///< words only
  std::size_t begin = 0;  ///< bytes in the statement
  std::size_t finish = 0; ///< exclusive

  [[nodiscard]] bool is(std::string_view symbol) const { return kind == TokenKind::symbol && text == symbol; }

  [[nodiscard]] bool is_word(std::string_view keyword) const { return kind == TokenKind::word && upper == keyword; }
};

/// Tokens of one or more statements; comments are dropped. Ends with a token of kind end.
/// Error PARSE_SYNTAX_ERROR with line and position.
Result<std::vector<Token>> tokenize(std::string_view sql);

/// "[…] at or near 'x' (line 1, pos 7)" as the dialect reports it; offset in bytes.
Error syntax_error(std::string_view sql, std::size_t offset, std::string message);

/// Splits a script at semicolons outside texts and comments; empty statements are left out.
Result<std::vector<std::string>> split_script(std::string_view script);

} // namespace pier::lake::sql
