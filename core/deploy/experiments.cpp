#include "core/deploy/experiments.hpp"

namespace pier::deploy {

bool has_experiment(const model::Bundle& bundle, std::string_view name) {
  const auto* flag = bundle.config.find_path({"experimental", name});
  return flag != nullptr && flag->is_bool() && flag->as_bool();
}

} // namespace pier::deploy
