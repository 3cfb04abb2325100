#include "bundles/steps/steps.hpp"

namespace pier::bundles {

void run_hook(Loading& loading, const std::string& name) {
  const Value* script = loading.config.find_path({"experimental", "scripts", name});
  if (script == nullptr || !script->is_text() || script->as_text().empty() || !loading.options.run_script) {
    return;
  }
  if (model::forbids_code(loading.options.env)) {
    loading.error("PIER1096", std::string(model::k_scripts_forbidden), loading.extra(script), {},
                  "unset the variable, or remove experimental.scripts." + name);
    return;
  }
  loading.publish();
  if (const auto done = loading.options.run_script(name, script->as_text(), loading.root); !done) {
    loading.error("PIER1096", "failed to execute script: " + done.error().message, loading.extra(script), {},
                  "correct experimental.scripts." + name);
  }
}

} // namespace pier::bundles
