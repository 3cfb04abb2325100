#pragma once

#include "bundles/load.hpp"
#include "bundles/yaml/value.hpp"
#include "core/base/diagnostics.hpp"
#include "core/model/bundle.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pier::bundles {

/// The state of one load, passed from step to step. Steps change `config` in place and report to
/// `diagnostics`; each tolerates what an earlier step could not make right.
struct Loading {
  Loading(const LoadOptions& load_options, Diagnostics& sink)
      : options(load_options),
        diagnostics(sink) {}

  const LoadOptions& options;
  Diagnostics& diagnostics;
  SourceNames names;               ///< owns the file names that places point to
  std::filesystem::path root;      ///< the bundle's folder, absolute
  std::filesystem::path sync_root; ///< root or a folder above it, absolute
  Value config = Value::map();
  std::string target;   ///< the selected one; empty before
  Value target_section; ///< what the file says below targets.<target>
  model::CurrentUser user;
  bool user_known = false; ///< false: `user` is a placeholder

  /// What is said of a problem: nothing of pier's own rules in a compatible answer.
  [[nodiscard]] std::optional<Diagnostic> as_told(Diagnostic problem) const;
  /// Hands the problems since the last call to options.on_problem.
  void publish();

  void remark(const std::string& text);
  void note(const std::string& text); ///< something that is done for a reason worth knowing

  /// A place that the official CLI does not name: shown to people, not in compatible answers.
  [[nodiscard]] const Value* extra(const Value* at) const { return options.compatible ? nullptr : at; }

  void report(Severity severity, std::string code, std::string summary, const Value* at = nullptr,
              std::string path = {}, std::string help = {}, std::string detail = {});
  void error(std::string code, std::string summary, const Value* at = nullptr, std::string path = {},
             std::string help = {});
  /// Where the value was written last, without the places that it overrides there.
  void error_at_last(std::string code, std::string summary, const Value& at, std::string help = {});
  /// A call that the load needed has failed.
  void failed(const Error& error, const Value* at = nullptr);
  void warning(std::string code, std::string summary, const Value* at = nullptr, std::string path = {},
               std::string help = {});

 private:
  std::size_t published_ = 0;
};

/// "me.example" parts of the user as the language names them.
std::string short_name_of(const model::CurrentUser& user);
std::string domain_friendly_name_of(const model::CurrentUser& user);

} // namespace pier::bundles
