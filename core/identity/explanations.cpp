#include "core/identity/explanations.hpp"

#include <array>

namespace pier::identity {

std::span<const Explanation> explanations() {
  static constexpr std::array k_all = {
      Explanation{
          "PIER6001", "a stored secret does not open",
          "Secrets are sealed with the key in the file secrets.key of the workspace's folder, each bound to its\n"
          "scope and key. This one does not open: the key file was replaced or removed, or the value is damaged.\n"
          "Restore secrets.key from a copy, or put the secret again: databricks secrets put-secret SCOPE KEY\n"},
      Explanation{"PIER6002", "a secret cannot be sealed",
                  "OpenSSL refused to encrypt a value. Nothing was stored. This is a bug or a broken installation of\n"
                  "OpenSSL; please report it with the output of `openssl version`.\n"},
  };
  return k_all;
}

} // namespace pier::identity
