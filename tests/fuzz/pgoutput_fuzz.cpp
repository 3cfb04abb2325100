// LIBS: sync lake
#include "core/sync/change_batch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

/// One stream message after the other, each with a length byte in front, as a server could send them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pier::sync;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  [[maybe_unused]] const auto stream = parse_replication_message(rest);
  ChangeBatch batch({.start_of = [](std::uint32_t) -> pier::Result<Lsn> { return Lsn{0}; },
                     .done_until = [](const PgRelation&) -> pier::Result<Lsn> { return Lsn{0}; }});
  while (!rest.empty()) {
    const auto length = std::min<std::size_t>(static_cast<unsigned char>(rest.front()), rest.size() - 1);
    if (const auto message = parse_pgoutput(rest.substr(1, length))) {
      [[maybe_unused]] const auto added = batch.add(*message);
    }
    rest.remove_prefix(1 + length);
  }
  return 0;
}
