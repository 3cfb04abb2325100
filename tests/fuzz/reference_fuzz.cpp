// LIBS: model
// References lie inside the text, in order, and each is one on its own.
#include "core/model/resource_key.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t last = 0;
  for (const auto& reference : pier::model::find_references(text)) {
    if (reference.begin < last || reference.end > size || reference.end <= reference.begin) {
      std::abort();
    }
    last = reference.end;
    if (pier::model::pure_reference(text.substr(reference.begin, reference.end - reference.begin)) != reference.path) {
      std::abort();
    }
  }
  return 0;
}
