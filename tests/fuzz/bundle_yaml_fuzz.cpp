// LIBS: bundles
// Any text becomes a tree or a reported problem; what fits the field table once fits it for good.
#include "bundles/config/normalise.hpp"
#include "bundles/yaml/reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pier::bundles;
  const std::string file = "fuzz.yml";
  pier::Diagnostics problems;
  auto value = read_yaml({reinterpret_cast<const char*>(data), size}, &file, problems);
  if (!value) {
    if (!problems.has_errors()) {
      std::abort();
    }
    return 0;
  }
  pier::Diagnostics ignored;
  if (!normalise(*value, pier::model::Field::root(), PathNode{}, ignored)) {
    return 0;
  }
  const auto once = value->to_json();
  pier::Diagnostics again;
  if (!normalise(*value, pier::model::Field::root(), PathNode{}, again) || !again.empty() ||
      value->to_json().dump() != once.dump()) {
    std::abort();
  }
  return 0;
}
