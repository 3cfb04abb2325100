// LIBS: deploy
// A state or plan that can be read must be written and read again as the same; paths of fields come back.
#include "core/deploy/field_path.hpp"
#include "core/deploy/plan.hpp"
#include "core/deploy/state.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto state = pier::deploy::State::parse(text, "resources.json")) {
    const auto again = pier::deploy::State::parse(state->to_text(), "resources.json");
    if (!again || again->resources() != state->resources() || again->serial() != state->serial()) {
      std::abort();
    }
  }
  if (const auto json = pier::Json::parse(text); json && json->is_object()) {
    if (const auto plan = pier::deploy::Plan::from_json(*json)) {
      const auto again = pier::deploy::Plan::from_json(plan->to_json());
      if (!again || again->entries.size() != plan->entries.size()) {
        std::abort();
      }
    }
  }
  const auto path = pier::deploy::FieldPath::parse(text);
  if (pier::deploy::FieldPath::parse(path.to_string()).to_string() != path.to_string()) {
    std::abort();
  }
  return 0;
}
