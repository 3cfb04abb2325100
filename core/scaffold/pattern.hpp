#pragma once

#include "core/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pier::scaffold {

/// A regular expression of a template (Go writes RE2; the part that ECMAScript shares with it). Subjects are
/// bounded to 4 KiB, as they are names and answers.
class Pattern {
 public:
  /// Error PIER5003 for an expression that cannot be compiled.
  static Result<Pattern> compile(std::string_view expression);

  [[nodiscard]] const std::string& expression() const { return expression_; }

  [[nodiscard]] Result<bool> matches(std::string_view subject) const; ///< anywhere in the subject
  /// The first match and its groups; empty without a match.
  [[nodiscard]] Result<std::vector<std::string>> find(std::string_view subject) const;
  [[nodiscard]] Result<std::string> replace_all(std::string_view subject, std::string_view replacement) const;

 private:
  struct Compiled;
  std::string expression_;
  std::shared_ptr<const Compiled> compiled_; ///< shared: patterns are copied as values
};

} // namespace pier::scaffold
