#include "cli/console.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <mutex>

namespace pier::cli {
namespace {

void write_fully(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(fd, text.data(), text.size());
    if (count <= 0) {
      return; // the reader is gone: nobody is left to tell
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// Cuts a line to the terminal's width without counting escape sequences; continuation bytes are free.
std::string fit(std::string_view line, std::size_t width) {
  std::string out;
  std::size_t columns = 0;
  bool in_escape = false;
  for (const char c : line) {
    if (c == '\033') {
      in_escape = true;
    }
    const bool continuation = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!in_escape && !continuation && ++columns > width) {
      return out + "\033[0m";
    }
    out += c;
    if (in_escape && c == 'm') {
      in_escape = false;
    }
  }
  return out;
}

class ProcessConsole final : public Console {
 public:
  explicit ProcessConsole(const Environment& env) {
    const bool dumb = env.get("TERM").value_or("") == "dumb";
    const bool no_colour = env.has("NO_COLOR") || dumb;
    out_terminal_ = ::isatty(STDOUT_FILENO) != 0;
    live_ = ::isatty(STDERR_FILENO) != 0 && !dumb;
    interactive_ = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
    out_style_ = Style(out_terminal_ && !no_colour);
    status_style_ = Style(live_ && !no_colour);
  }

  ~ProcessConsole() override { live({}); }

  void out(std::string_view text) override {
    const std::scoped_lock lock(mutex_);
    erase_live();
    write_fully(STDOUT_FILENO, text);
    draw_live();
  }

  void status(std::string_view line) override {
    const std::scoped_lock lock(mutex_);
    erase_live();
    write_fully(STDERR_FILENO, std::string(line) + "\n");
    draw_live();
  }

  void live(std::vector<std::string> lines) override {
    if (!live_) {
      return;
    }
    const std::scoped_lock lock(mutex_);
    erase_live();
    lines_ = std::move(lines);
    draw_live();
  }

  void clear() override {
    if (out_terminal_) {
      out("\033[H\033[2J\033[3J");
    }
  }

  bool is_interactive() const override { return interactive_; }

  bool is_live() const override { return live_; }

  std::size_t width() const override {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
      return size.ws_col;
    }
    return 80;
  }

  Style out_style() const override { return out_style_; }

  Style status_style() const override { return status_style_; }

  Result<std::string> ask(std::string_view question, std::string_view default_answer) override {
    PIER_TRY(check_interactive(question));
    std::string prompt = status_style_.bold(question);
    if (!default_answer.empty()) {
      prompt += status_style_.dim(" [" + std::string(default_answer) + "]");
    }
    live({});
    write_fully(STDERR_FILENO, prompt + ": ");
    std::string line;
    if (!std::getline(std::cin, line)) {
      return Error{.kind = ErrorKind::interrupted, .code = "PIER0003", .message = "no answer: the input ended"};
    }
    const auto answer = trim(line);
    return std::string(answer.empty() ? default_answer : answer);
  }

  Result<bool> confirm(std::string_view question, bool default_answer) override {
    while (true) {
      PIER_TRY_ASSIGN(const auto answer, ask(std::string(question) + " (y/n)", default_answer ? "y" : "n"));
      const auto lower = to_lower(answer);
      if (lower == "y" || lower == "yes") {
        return true;
      }
      if (lower == "n" || lower == "no") {
        return false;
      }
    }
  }

  Result<std::string> choose(std::string_view question, std::span<const std::string> choices,
                             std::string_view default_answer) override {
    PIER_TRY(check_interactive(question));
    for (std::size_t i = 0; i < choices.size(); ++i) {
      status("  " + std::to_string(i + 1) + ") " + choices[i]);
    }
    while (true) {
      PIER_TRY_ASSIGN(const auto answer, ask(question, default_answer));
      std::int64_t number = 0;
      if (parse_int64(answer, number) && number >= 1 && static_cast<std::size_t>(number) <= choices.size()) {
        return choices[static_cast<std::size_t>(number - 1)];
      }
      if (std::find(choices.begin(), choices.end(), answer) != choices.end()) {
        return answer;
      }
      status("choose one of 1 to " + std::to_string(choices.size()));
    }
  }

 private:
  Result<void> check_interactive(std::string_view question) const {
    if (interactive_) {
      return {};
    }
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0003",
                 .message = "cannot ask '" + std::string(question) + "': this is no terminal",
                 .hint = "give the answer as an option; see --help"};
  }

  void erase_live() {
    if (drawn_ > 0) {
      write_fully(STDERR_FILENO, "\033[" + std::to_string(drawn_) + "A\033[J");
      drawn_ = 0;
    }
  }

  void draw_live() {
    if (lines_.empty()) {
      return;
    }
    std::string text;
    const auto columns = width() - 1;
    for (const auto& line : lines_) {
      text += fit(line, columns) + "\n";
    }
    write_fully(STDERR_FILENO, text);
    drawn_ = lines_.size();
  }

  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::size_t drawn_ = 0;
  bool out_terminal_ = false;
  bool live_ = false;
  bool interactive_ = false;
  Style out_style_;
  Style status_style_;
};

} // namespace

std::string Style::paint(std::string_view code, std::string_view text) const {
  if (!colour_) {
    return std::string(text);
  }
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

void Console::remark(std::string_view text) {
  if (remarks_are_logged_) {
    log::warn("bundle", text);
  } else {
    status("Warn: " + std::string(text));
  }
}

std::unique_ptr<Console> Console::of_process(const Environment& env) {
  return std::make_unique<ProcessConsole>(env);
}

} // namespace pier::cli
