#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pier::cli {

/// Colours for one stream; plain text when it is no terminal or NO_COLOR is set.
class Style {
 public:
  explicit Style(bool colour = false)
      : colour_(colour) {}

  [[nodiscard]] std::string bold(std::string_view text) const { return paint("1", text); }

  [[nodiscard]] std::string dim(std::string_view text) const { return paint("2", text); }

  [[nodiscard]] std::string red(std::string_view text) const { return paint("1;31", text); }

  [[nodiscard]] std::string green(std::string_view text) const { return paint("32", text); }

  [[nodiscard]] std::string yellow(std::string_view text) const { return paint("33", text); }

  [[nodiscard]] std::string blue(std::string_view text) const { return paint("34", text); }

  [[nodiscard]] std::string cyan(std::string_view text) const { return paint("36", text); }

 private:
  [[nodiscard]] std::string paint(std::string_view code, std::string_view text) const;
  bool colour_;
};

/// All knowledge of terminals. Results go to `out` (stdout), everything else to stderr. Calls may come
/// from several threads.
class Console {
 public:
  static std::unique_ptr<Console> of_process(const Environment& env);
  virtual ~Console() = default;

  virtual void out(std::string_view text) = 0;    ///< to stdout, as it is
  virtual void status(std::string_view line) = 0; ///< one line to stderr; live lines stay below it
  /// What went on in spite of a flaw: one line, or a warning in the log once there is one.
  void remark(std::string_view text);

  void log_remarks() { remarks_are_logged_ = true; }

  /// Replaces the transient lines at the bottom of a terminal; nothing in a pipe. Empty: clears them.
  virtual void live(std::vector<std::string> lines) = 0;

  virtual void clear() = 0; ///< empties a terminal before something is shown again; nothing in a pipe

  [[nodiscard]] virtual bool is_interactive() const = 0; ///< can ask questions
  [[nodiscard]] virtual bool is_live() const = 0;        ///< stderr is a terminal: live lines are shown
  [[nodiscard]] virtual std::size_t width() const = 0;   ///< columns; 80 if unknown
  [[nodiscard]] virtual Style out_style() const = 0;
  [[nodiscard]] virtual Style status_style() const = 0;

  /// Questions on stderr, answers from stdin. Error `usage` when nobody can answer.
  virtual Result<std::string> ask(std::string_view question, std::string_view default_answer) = 0;
  virtual Result<bool> confirm(std::string_view question, bool default_answer) = 0;
  virtual Result<std::string> choose(std::string_view question, std::span<const std::string> choices,
                                     std::string_view default_answer) = 0;

 private:
  bool remarks_are_logged_ = false;
};

} // namespace pier::cli
