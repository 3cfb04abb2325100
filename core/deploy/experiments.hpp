#pragma once

#include "core/model/bundle.hpp"

#include <string_view>

namespace pier::deploy {

/// Whether a switch of the bundle's section `experimental` is on: "python_wheel_wrapper".
bool has_experiment(const model::Bundle& bundle, std::string_view name);

} // namespace pier::deploy
