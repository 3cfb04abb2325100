#include "core/deploy/gzip.hpp"

#include <algorithm>
#include <array>
#include <new>

#include <zlib.h>

namespace pier::deploy {
namespace {

constexpr int k_gzip_window = MAX_WBITS + 16; // zlib's sign for a gzip header
constexpr std::size_t k_chunk = 64UL * 1024;
constexpr std::size_t k_piece = 1UL << 30U; // zlib counts in 32 bits

const Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data()); // NOLINT(*-reinterpret-cast): zlib's view of bytes
}

} // namespace

struct Gzip::Stream {
  z_stream z{};

  Stream() {
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, k_gzip_window, MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
      throw std::bad_alloc();
    }
  }

  ~Stream() { deflateEnd(&z); }

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void pack(std::string_view piece, bool last, std::string& out) {
    z.next_in = const_cast<Bytef*>(bytes_of(piece)); // NOLINT(*-const-cast): zlib does not write there
    z.avail_in = static_cast<uInt>(piece.size());
    std::array<char, k_chunk> chunk{};
    int state = Z_OK;
    do {
      z.next_out = reinterpret_cast<Bytef*>(chunk.data()); // NOLINT(*-reinterpret-cast)
      z.avail_out = static_cast<uInt>(chunk.size());
      state = deflate(&z, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(chunk.data(), chunk.size() - z.avail_out);
    } while (last ? state != Z_STREAM_END : z.avail_out == 0);
  }
};

Gzip::Gzip()
    : stream_(std::make_unique<Stream>()) {}

Gzip::~Gzip() = default;

void Gzip::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, k_piece);
    stream_->pack(piece, false, out_);
    bytes.remove_prefix(piece.size());
  }
}

std::string Gzip::finish() && {
  stream_->pack({}, true, out_);
  return std::move(out_);
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(::crc32_z(0, nullptr, 0), bytes_of(bytes), bytes.size()));
}

} // namespace pier::deploy
