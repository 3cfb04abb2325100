#include "cli/print_report.hpp"

#include "cli/console.hpp"
#include "cli/render/diagnostics.hpp"

namespace pier::cli {

ExitCode print_error(const Error& error, Console& console) {
  auto text = render_error(error, console.status_style());
  text.pop_back();
  console.status(text);
  return exit_code_of(error.kind);
}

ExitCode print_report(const Report& report, bool as_json, Context& context) {
  Console& console = context.console;
  if (!report.diagnostics.empty()) {
    const auto& root = report.diagnostics_root.empty() ? context.cwd : report.diagnostics_root;
    auto text = render_diagnostics(report.diagnostics.all(), root, console.status_style());
    text.pop_back();
    console.status(text);
  }
  if (!report.raw_stdout.empty()) {
    console.out(report.raw_stdout);
  } else if (as_json) {
    if (!report.json.is_null()) {
      console.out(report.json.dump(2) + "\n");
    }
  } else {
    console.out(report.text);
  }
  return report.exit_code;
}

} // namespace pier::cli
