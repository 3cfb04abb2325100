#include "cli/load_options.hpp"

#include "core/git/ignore_patterns.hpp"

namespace pier::cli {

bundles::LoadOptions load_options(const Arguments& arguments, const Context& context) {
  bundles::LoadOptions options;
  options.cwd = context.cwd;
  options.env = context.env;
  options.target = arguments.get("target", arguments.get("environment"));
  options.profile = arguments.get("profile");
  options.vars = arguments.all("var");
  options.is_excluded = [](const std::vector<std::string>& patterns, const std::string& path) {
    return git::IgnorePatterns::of_lines(patterns).matches(path, false);
  };
  options.run_python = make_python_runner(context, [&context] { return context.env; });
  return options;
}

} // namespace pier::cli
