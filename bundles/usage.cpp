#include "bundles/usage.hpp"

#include "bundles/steps/steps.hpp"

namespace pier::bundles {
namespace {

bool is_true(const Value* value) {
  return value != nullptr && value->is_boolean() && value->as_boolean();
}

void tell_run_as(const Loading& loading, model::Usage& usage) {
  usage.tell("experimental.use_legacy_run_as",
             is_true(loading.config.find_path({"experimental", "use_legacy_run_as"})));
  usage.tell("run_as_set", loading.config.find("run_as") != nullptr);
}

void tell_presets(const Loading& loading, model::Usage& usage) {
  const Value* presets = loading.config.find("presets");
  usage.tell("presets_name_prefix_is_set", presets != nullptr && !presets->text_of("name_prefix").empty());
}

/// Two answers for each artifact.
void tell_artifacts(const Loading& loading, model::Usage& usage) {
  const Value* artifacts = loading.config.find("artifacts");
  if (artifacts == nullptr || !artifacts->is_map()) {
    return;
  }
  for (const auto& artifact : artifacts->as_map().entries()) {
    const Value* files = artifact.value.find("files");
    usage.tell("artifact_build_command_is_set", !artifact.value.text_of("build").empty());
    usage.tell("artifact_files_is_set", files != nullptr && files->is_list() && !files->as_list().empty());
  }
}

struct Fact {
  Step before;
  void (*tell)(const Loading&, model::Usage&);
};

constexpr Fact k_facts[] = {
    {apply_run_as, tell_run_as},
    {apply_presets, tell_presets},
    {prepare_artifacts, tell_artifacts},
};

} // namespace

void tell_targets(const Loading& loading) {
  const Value* targets = loading.config.find("targets");
  if (loading.options.usage != nullptr && targets != nullptr && targets->is_map()) {
    loading.options.usage->targets = targets->as_map().size();
  }
}

void tell_usage(Step step, const Loading& loading) {
  if (loading.options.usage == nullptr) {
    return;
  }
  for (const auto& fact : k_facts) {
    if (fact.before == step) {
      fact.tell(loading, *loading.options.usage);
    }
  }
}

} // namespace pier::bundles
