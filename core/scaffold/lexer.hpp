#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pier::scaffold {

enum class TokenKind {
  text,      ///< outside of {{ }}, already trimmed
  open,      ///< {{
  close,     ///< }}
  word,      ///< identifier or keyword
  field,     ///< .name
  dot,       ///< .
  variable,  ///< $ or $name
  quoted,    ///< "…" or `…`, decoded
  character, ///< 'c'
  number,
  left_paren,
  right_paren,
  pipe,
  declare, ///< :=
  assign,  ///< =
  comma,
  end, ///< of the input
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  std::size_t offset = 0;    ///< bytes from the start of the source
  bool space_before = false; ///< `.a .b` are two operands, `.a.b` is one
};

/// Cuts a template into tokens; comments vanish, trim markers are applied. Error PIER5001 with position.
Result<std::vector<Token>> tokenize(std::string_view file, std::string_view source);

/// "file:line:col" of a byte offset; columns count UTF-8 characters from 1.
std::string position_text(std::string_view file, std::string_view source, std::size_t offset);

} // namespace pier::scaffold
