// LIBS: base
// Whatever parses must print and parse again to the same text (2.0 may come back as the integer 2).
#include "core/base/json.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = pier::Json::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (parsed) {
    const auto again = pier::Json::parse(parsed->dump());
    if (!again || again->dump() != parsed->dump()) {
      std::abort();
    }
  }
  return 0;
}
