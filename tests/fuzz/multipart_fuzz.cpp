// LIBS: files
// Parts lie inside the body, in order.
#include "core/files/multipart.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto parts = pier::files::parse_multipart("multipart/form-data; boundary=b", body);
  if (!parts) {
    return 0;
  }
  const char* last = body.data();
  for (const auto& part : *parts) {
    if (part.content.data() < last || part.content.data() + part.content.size() > body.data() + body.size()) {
      std::abort();
    }
    last = part.content.data() + part.content.size();
  }
  return 0;
}
