// LIBS: bundles
// References in any configuration end: resolved, left open or reported, within bounded time and memory.
#include "bundles/config/normalise.hpp"
#include "bundles/variables/resolver.hpp"
#include "bundles/variables/sources.hpp"
#include "bundles/yaml/reader.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pier::bundles;
  const LoadOptions options;
  pier::Diagnostics problems;
  Loading loading(options, problems);
  const auto* file = loading.names.intern("fuzz.yml");
  auto value = read_yaml({reinterpret_cast<const char*>(data), size}, file, problems);
  if (!value || !value->is_map() || !normalise(*value, pier::model::Field::root(), PathNode{}, problems)) {
    return 0;
  }
  loading.config = std::move(*value);
  assign_variables(loading);
  resolve_references(loading, {.part = ResolveScope::Part::all_but_resources});
  resolve_references(loading, {.part = ResolveScope::Part::resources});
  return 0;
}
