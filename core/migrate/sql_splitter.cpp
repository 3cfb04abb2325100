#include "core/migrate/sql_splitter.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace pier::migrate {

namespace {

bool is_word_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c) {
  return is_word_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

class Splitter {
 public:
  Splitter(std::string_view file, std::string_view text, Diagnostics& diagnostics)
      : file_(file),
        text_(text),
        diagnostics_(diagnostics) {}

  std::vector<SqlStatement> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      at_ = 3; // a byte order mark
    }
    while (at_ < text_.size() && !broken_) {
      step();
    }
    if (!broken_) {
      finish(text_.size());
    }
    return std::move(statements_);
  }

 private:
  void step() {
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (is_space(c)) {
      ++at_;
    } else if (c == '-' && next == '-') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '/' && next == '*') {
      comment();
    } else if (c == ';' && parentheses_ == 0 && atomic_depth_ == 0) {
      finish(at_++);
    } else {
      begin_statement();
      token(c);
    }
  }

  void begin_statement() {
    if (!started_) {
      started_ = true;
      begin_ = at_;
    }
  }

  void token(char c) {
    switch (c) {
    case '\'': return quoted('\'', false);
    case '"': return quoted('"', false);
    case '$': return dollar();
    case '(': ++parentheses_; break;
    case ')': parentheses_ = std::max(0, parentheses_ - 1); break;
    case '\\': return fail("PIER8402", at_, "psql's commands are not SQL", "write it as SQL, or remove the line");
    default:
      if (is_word_start(c)) {
        return word();
      }
      if (std::isdigit(static_cast<unsigned char>(c)) != 0) { // 1e5, 0x1F: no words
        while (at_ < text_.size() && is_word(text_[at_])) {
          ++at_;
        }
        return;
      }
    }
    ++at_;
  }

  void comment() {
    const auto begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const auto two = text_.substr(at_, 2);
      if (two == "/*") {
        ++depth;
        at_ += 2;
      } else if (two == "*/") {
        at_ += 2;
        if (--depth == 0) {
          return;
        }
      } else {
        ++at_;
      }
    }
    fail("PIER8401", begin, "the comment that begins here is never closed", "close it with */");
  }

  void quoted(char quote, bool backslashes) {
    const auto begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (backslashes && c == '\\') {
        at_ += 2;
        continue;
      }
      ++at_;
      if (c == quote) {
        if (at_ < text_.size() && text_[at_] == quote) {
          ++at_; // doubled: part of the text
          continue;
        }
        return;
      }
    }
    at_ = text_.size();
    fail("PIER8401", begin, "the quote that begins here is never closed", std::string("close it with ") + quote);
  }

  /// $$ or $tag$; `$1` is a parameter.
  void dollar() {
    const auto begin = at_;
    auto end = at_ + 1;
    while (end < text_.size() && is_word(text_[end]) && text_[end] != '$') {
      ++end;
    }
    const bool is_tag = end < text_.size() && text_[end] == '$' &&
                        (end == at_ + 1 || std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) == 0);
    if (!is_tag) {
      at_ = std::max(end, at_ + 1);
      return;
    }
    const auto tag = text_.substr(begin, end - begin + 1);
    const auto close = text_.find(tag, end + 1);
    if (close == std::string_view::npos) {
      at_ = text_.size();
      return fail("PIER8401", begin, "the text that begins here is never closed", "close it with " + std::string(tag));
    }
    at_ = close + tag.size();
  }

  void word() {
    const auto begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) {
      ++at_;
    }
    const auto text = to_upper(text_.substr(begin, at_ - begin));
    if (at_ < text_.size() && text_[at_] == '\'' && text == "E") {
      return quoted('\'', true); // other prefixes (B, X, N, U&) quote as usual
    }
    if (words_.size() < k_remembered) {
      words_.push_back(text);
    }
    if (parentheses_ == 0) {
      track_atomic(text);
    }
    if (!words_.empty() && words_.front() == "COPY" && parentheses_ == 0 && (text == "STDIN" || text == "STDOUT")) {
      fail("PIER8402", begin, "COPY cannot read from or write to the client in a migration", "use INSERT … VALUES");
    }
    last_word_ = text;
  }

  /// As psql: inside CREATE FUNCTION or PROCEDURE, BEGIN ATOMIC and CASE open what END closes.
  void track_atomic(const std::string& word) {
    const bool routine = words_.size() >= 2 && words_[0] == "CREATE" &&
                         (is_routine(words_[1]) ||
                          (words_.size() >= 4 && words_[1] == "OR" && words_[2] == "REPLACE" && is_routine(words_[3])));
    if (!routine) {
      return;
    }
    if (word == "ATOMIC" && last_word_ == "BEGIN") {
      ++atomic_depth_;
    } else if (atomic_depth_ > 0 && word == "CASE") {
      ++atomic_depth_;
    } else if (atomic_depth_ > 0 && word == "END") {
      --atomic_depth_;
    }
  }

  static bool is_routine(const std::string& word) { return word == "FUNCTION" || word == "PROCEDURE"; }

  void finish(std::size_t end) {
    if (started_) {
      if (atomic_depth_ > 0) {
        return fail("PIER8401", begin_, "BEGIN ATOMIC of this statement is never closed", "close it with END");
      }
      check_transaction_control();
      while (end > begin_ && is_space(text_[end - 1])) {
        --end;
      }
      statements_.push_back({std::string(text_.substr(begin_, end - begin_)), begin_});
    }
    started_ = false;
    words_.clear();
    last_word_.clear();
    parentheses_ = 0;
    atomic_depth_ = 0;
  }

  void check_transaction_control() {
    static constexpr std::array<std::string_view, 8> k_refused{"BEGIN", "COMMIT", "ROLLBACK",  "END",
                                                               "ABORT", "START",  "SAVEPOINT", "RELEASE"};
    const auto& first = words_.empty() ? last_word_ : words_.front();
    const bool prepares = first == "PREPARE" && words_.size() > 1 && words_[1] == "TRANSACTION";
    if (prepares || std::find(k_refused.begin(), k_refused.end(), first) != k_refused.end()) {
      diagnostics_.error("PIER8403", "a migration does not control transactions itself (" + first + ")",
                         {span_at(file_, text_, begin_, first.size())},
                         "remove it: each file runs in one transaction, or in none with `-- pier:transaction off`");
    }
  }

  void fail(std::string code, std::size_t offset, std::string what, std::string help) {
    diagnostics_.error(std::move(code), std::move(what), {span_at(file_, text_, offset, 1)}, std::move(help));
    broken_ = true;
  }

  static constexpr std::size_t k_remembered = 4;

  std::string_view file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::vector<SqlStatement> statements_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  bool started_ = false;
  bool broken_ = false;
  int parentheses_ = 0;
  int atomic_depth_ = 0;
  std::vector<std::string> words_; ///< the first ones of the statement
  std::string last_word_;
};

} // namespace

std::vector<SqlStatement> split_sql(std::string_view file, std::string_view text, Diagnostics& diagnostics) {
  return Splitter(file, text, diagnostics).run();
}

SourceSpan span_at(std::string_view file, std::string_view text, std::size_t offset, std::size_t length) {
  const auto place = [text](std::size_t at) {
    const auto before = text.substr(0, std::min(at, text.size()));
    const auto line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto rest = before.substr(line_start);
    const auto column =
        std::count_if(rest.begin(), rest.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return std::pair(static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n')),
                     static_cast<std::uint32_t>(1 + column));
  };
  const auto [line, column] = place(offset);
  const auto [end_line, end_column] = place(offset + length);
  return {std::string(file), line, column, end_line, end_column};
}

} // namespace pier::migrate
