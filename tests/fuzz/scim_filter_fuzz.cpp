// LIBS: identity
// A filter parses or is refused; what parsed can be evaluated on any document.
#include "core/identity/scim_filter.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto filter = pier::identity::ScimFilter::parse(text);
  if (filter) {
    const auto document = pier::Json::parse(R"({"userName":"a@b","emails":[{"value":"a@b"}],"active":true,"id":"1"})");
    [[maybe_unused]] const bool matched = filter->matches(*document);
  }
  return 0;
}
