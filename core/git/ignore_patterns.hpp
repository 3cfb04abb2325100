#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pier::git {

/// One list of patterns in the syntax of a .gitignore file (gitignore(5)): `#` comments, `!` negation,
/// a trailing `/` for folders only, `*`, `?`, `[…]`, `**`; a `/` at the start or in the middle ties the
/// pattern to the list's own folder. Within a list the last match wins.
class IgnorePatterns {
 public:
  IgnorePatterns() = default;
  static IgnorePatterns parse(std::string_view text);
  static IgnorePatterns of_lines(const std::vector<std::string>& lines);

  void add_line(std::string_view line);

  /// Path relative to the list's folder, with `/`. True also for everything below a matched folder.
  [[nodiscard]] bool matches(std::string_view path, bool is_directory) const;

  [[nodiscard]] bool empty() const { return patterns_.empty(); }

 private:
  struct Pattern {
    std::vector<std::string> segments;
    bool negated = false;
    bool directories_only = false;
    bool anchored = false;
  };

  std::vector<Pattern> patterns_;
};

/// `*`, `?` and `[…]` within one path segment; linear in practice, never recursive.
bool matches_segment(std::string_view pattern, std::string_view segment);

} // namespace pier::git
