#include "core/identity/sealer.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"

#include <openssl/evp.h>

#include <limits>
#include <memory>

namespace pier::identity {
namespace {

constexpr std::size_t k_key_size = 32;
constexpr std::size_t k_nonce_size = 12;
constexpr std::size_t k_tag_size = 16;
constexpr char k_version = 1;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

Error cannot_seal() {
  return Error{.kind = ErrorKind::internal, .code = "PIER6002", .message = "the secret cannot be sealed"};
}

Error cannot_open() {
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER6001",
               .message =
                   "the stored secret does not open: the workspace's key file was replaced or the value is damaged",
               .hint = "restore secrets.key of the workspace from a copy, or put the secret again"};
}

} // namespace

Result<Sealer> Sealer::open(const std::filesystem::path& key_file) {
  auto made = create_file_exclusively(key_file, random_bytes(k_key_size), Durability::fsync, 0600);
  if (!made && made.error().kind != ErrorKind::already_exists) {
    return std::move(made).context("making the key of secrets").error();
  }
  PIER_TRY_ASSIGN(auto key, read_file(key_file, 1024));
  if (key.size() != k_key_size) {
    return cannot_open();
  }
  return Sealer(Secret(std::move(key)));
}

Result<std::string> Sealer::seal(std::string_view text, std::string_view label) const {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) / 2) {
    return cannot_seal();
  }
  const Context context(EVP_CIPHER_CTX_new());
  const auto nonce = random_bytes(k_nonce_size);
  std::string cipher(text.size(), '\0');
  std::string tag(k_tag_size, '\0');
  int length = 0;
  int end = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), bytes(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, bytes(label), static_cast<int>(label.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes(cipher), &length, bytes(text), static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes(cipher) + length, &end) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(k_tag_size), tag.data()) == 1;
  if (!done) {
    return cannot_seal();
  }
  return std::string(1, k_version) + nonce + tag + cipher;
}

Result<Secret> Sealer::unseal(std::string_view sealed, std::string_view label) const {
  constexpr std::size_t k_head = 1 + k_nonce_size + k_tag_size;
  if (sealed.size() < k_head || sealed.front() != k_version) {
    return cannot_open();
  }
  const auto nonce = sealed.substr(1, k_nonce_size);
  std::string tag(sealed.substr(1 + k_nonce_size, k_tag_size));
  const auto cipher = sealed.substr(k_head);
  const Context context(EVP_CIPHER_CTX_new());
  std::string text(cipher.size(), '\0');
  int length = 0;
  int end = 0;
  const bool done =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, bytes(label), static_cast<int>(label.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes(text), &length, bytes(cipher), static_cast<int>(cipher.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(k_tag_size), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(text) + length, &end) == 1;
  if (!done) {
    return cannot_open();
  }
  return Secret(std::move(text));
}

} // namespace pier::identity
