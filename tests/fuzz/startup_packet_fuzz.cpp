// LIBS: lakebase
#include "core/lakebase/startup_packet.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// The bytes that anybody may send to the front, and the framing of what a server answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto startup = pier::lakebase::StartupPacket::parse(bytes); startup && startup->user().empty()) {
    std::abort();
  }
  [[maybe_unused]] const auto password = pier::lakebase::parse_password(bytes);
  pier::lakebase::ServerStreamTracker whole;
  whole.feed(bytes);
  pier::lakebase::ServerStreamTracker pieces;
  for (const char c : bytes) {
    pieces.feed(std::string_view(&c, 1));
  }
  if (whole.status() != pieces.status()) {
    std::abort(); // how the bytes are cut must not matter
  }
  return 0;
}
