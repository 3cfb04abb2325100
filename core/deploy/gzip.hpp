#pragma once

#include "core/deploy/deflate_block.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pier::deploy {

/// Packs bytes as they come (RFC 1952 and 1951, no name and no time in the header), byte for byte as Go's
/// compress/gzip does at its default level: the official CLI names archives after the digest of what comes out, and a
/// target on which both take turns must not get a new archive at each.
class Gzip {
 public:
  Gzip();

  /// How bytes are cut into calls may show in the result.
  void write(std::string_view bytes);

  /// Everything; nothing can be written afterwards.
  [[nodiscard]] std::string finish() &&;

 private:
  struct Match {
    std::size_t length = k_no_match;
    std::size_t distance = 0;
  };

  static constexpr std::size_t k_no_match = 3; ///< shorter ones are not looked for

  std::size_t fill(std::string_view bytes);
  void pack(bool all);
  void step(std::size_t ahead);
  void remember(std::size_t at);
  [[nodiscard]] Match find_match(std::size_t ahead) const;
  void end_block(std::size_t at);
  void add_byte(std::uint8_t byte);

  BitWriter out_;
  std::vector<char> window_;
  std::size_t at_ = 0;           ///< in the window: what is packed next
  std::size_t end_ = 0;          ///< of what is in the window
  std::size_t shifted_ = 0;      ///< what has left the window
  std::size_t block_ = 0;        ///< where the current block begins
  bool block_is_whole_ = true;   ///< its begin is still in the window
  bool byte_waits_ = false;      ///< the byte before at_ is not yet told: a longer match may begin at it
  Match match_;                  ///< the one at the byte before at_
  std::size_t insert_limit_ = 0; ///< what is remembered lies below
  std::vector<DeflateToken> tokens_;
  std::uint64_t chain_ = 0;             ///< the last place with the same hash as at_
  std::vector<std::uint64_t> heads_;    ///< by hash: the last place + 1, counted from the first byte of all
  std::vector<std::uint64_t> previous_; ///< by place: the one before with the same hash
  std::uint32_t checksum_ = 0;
  std::uint64_t size_ = 0;
};

} // namespace pier::deploy
