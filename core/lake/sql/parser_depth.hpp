#pragma once

#include "core/lake/sql/parser.hpp"

/// Pieces that the parser's source files share.
namespace pier::lake::sql {

inline constexpr int k_max_depth = 120;
inline constexpr std::size_t k_max_chain = 900; ///< the engine's own limit is 1000 levels

class Parser::Depth {
 public:
  explicit Depth(Parser& parser)
      : parser_(parser) {
    ++parser_.depth_;
  }

  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

  ~Depth() { --parser_.depth_; }

  [[nodiscard]] Result<void> check() const {
    return parser_.depth_ <= k_max_depth
               ? Result<void>()
               : syntax_error(parser_.sql_, parser_.peek().begin, "The statement is nested too deeply");
  }

 private:
  Parser& parser_;
};

inline ExpressionPtr combine(ExpressionKind kind, std::string text, std::size_t at, ExpressionPtr left,
                             ExpressionPtr right) {
  auto out = std::make_unique<Expression>();
  out->kind = kind;
  out->at = at;
  out->text = std::move(text);
  out->arguments.push_back(std::move(left));
  if (right) {
    out->arguments.push_back(std::move(right));
  }
  return out;
}

} // namespace pier::lake::sql
