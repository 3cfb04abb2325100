#pragma once

#include "core/base/clock.hpp"
#include "core/base/diagnostics.hpp"
#include "core/base/environment.hpp"
#include "core/base/exit_code.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace pier::cli {

class Console; // cli/console.hpp: progress, prompts, colours

/// Everything a command may touch; passed down instead of globals.
struct Context {
  Environment env;
  std::filesystem::path cwd;
  const Clock& clock;
  Console& console;
  std::stop_token stop; ///< Ctrl-C
};

/// One option of a command. `--name VALUE`, `-s VALUE`, or a switch without value.
struct OptionSpec {
  std::string name;    ///< "target"
  char short_name = 0; ///< 't'
  std::string value;   ///< "TARGET"; empty: a switch
  std::string help;
  bool repeatable = false;
  bool hidden = false;              ///< not in help and completion
  std::vector<std::string> choices; ///< allowed values; empty: any
  std::string default_value;
};

struct PositionalSpec {
  std::string name; ///< "APP"
  std::string help;
  bool required = true;
  bool repeatable = false; ///< only for the last
};

/// Parsed arguments; asking for a name that the spec does not declare is a bug.
class Arguments {
 public:
  using Map = std::map<std::string, std::vector<std::string>, std::less<>>;

  explicit Arguments(Map values = {})
      : values_(std::move(values)) {}

  /// Whether it was given: a default does not count.
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }

  /// How often it was given: 2 for `-qq`.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::string get(std::string_view name, std::string_view fallback = {}) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;

  /// What get() answers for an option that was not given.
  void set_default(std::string name, std::string value) {
    defaults_.insert_or_assign(std::move(name), std::move(value));
  }

 private:
  Map values_;
  std::map<std::string, std::string, std::less<>> defaults_;
};

enum class OutputFormat { text, json };

/// What a command found. Renderers print it: `text` or `json` to stdout; diagnostics as code frames.
struct Report {
  std::string text;                       ///< for `-o text`; ends with a newline or is empty
  Json json;                              ///< for `-o json`; null: nothing is printed
  Diagnostics diagnostics;                ///< printed to stderr (text) or merged by the command into json
  std::filesystem::path diagnostics_root; ///< what the diagnostics' files are relative to; empty: the cwd
  ExitCode exit_code = ExitCode::ok;
  std::string raw_stdout; ///< printed as it is in both formats, instead of text and json
};

struct CommandSpec {
  std::string name;    ///< "validate"; sub-commands have spaces: "local start"
  std::string summary; ///< one line
  std::string description;
  std::vector<OptionSpec> options;
  std::vector<PositionalSpec> positionals;
  std::vector<std::string> examples;
  std::function<Result<Report>(const Arguments&, Context&)> run;
  bool hidden = false;
  bool takes_command = false; ///< words behind "--" are not looked at and arrive under the name "--"
};

} // namespace pier::cli
