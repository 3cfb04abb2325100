// Feeds every file of a corpus folder to a fuzz target, and each with its tail cut off and one byte flipped.
#include "core/base/files.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void feed(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void feed_variations(const std::string& seed) {
  feed(seed);
  const std::size_t step = std::max<std::size_t>(1, seed.size() / 64);
  for (std::size_t at = 0; at < seed.size(); at += step) {
    feed(seed.substr(0, at));
    std::string flipped = seed;
    flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ 0x20U);
    feed(flipped);
  }
}

} // namespace

int main(int argc, char** argv) {
  int seeds = 0;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(argc > 1 ? argv[1] : ".", code)) {
    if (const auto content = pier::read_file(entry.path())) {
      feed_variations(*content);
      ++seeds;
    }
  }
  std::printf("%d seeds\n", seeds);
  return seeds == 0 ? 1 : 0;
}
