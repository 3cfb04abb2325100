#include "core/lakebase/local_authority.hpp"

#include "core/base/files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace pier::lakebase {
namespace {

template <auto Function> struct Free {
  template <class T> void operator()(T* pointer) const { Function(pointer); }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free_all>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

Error openssl_error(const std::string& doing) {
  std::string reason = "unknown reason";
  if (const auto code = ERR_get_error(); code != 0) {
    const char* text = ERR_reason_error_string(code);
    reason = text != nullptr ? text : reason;
  }
  ERR_clear_error();
  return Error{.kind = ErrorKind::internal, .code = "PIER8005", .message = doing + ": " + reason};
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Version 3, random serial number, validity from yesterday on, and the key.
bool fill(X509* certificate, EVP_PKEY* key, const std::string& common_name, long days) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) {
    return false;
  }
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  constexpr long k_day = 24L * 3600;
  return X509_set_version(certificate, 2) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (serial >> 1U) | 1U) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -k_day) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), days * k_day) != nullptr &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
         X509_set_pubkey(certificate, key) == 1;
}

bool is_address(const std::string& name) {
  return name.find(':') != std::string::npos ||
         std::all_of(name.begin(), name.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    out += (out.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
  }
  return out;
}

} // namespace

struct LocalAuthority::Impl {
  KeyPtr key;
  CertificatePtr certificate;

  static Result<std::unique_ptr<Impl>> make() {
    auto impl = std::make_unique<Impl>();
    impl->key.reset(EVP_EC_gen("P-256"));
    impl->certificate.reset(X509_new());
    X509* own = impl->certificate.get();
    if (!impl->key || own == nullptr || !fill(own, impl->key.get(), "pier local authority", 3650) ||
        X509_set_issuer_name(own, X509_get_subject_name(own)) != 1 ||
        !add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !add_extension(own, own, NID_subject_key_identifier, "hash") ||
        X509_sign(own, impl->key.get(), EVP_sha256()) == 0) {
      return openssl_error("cannot make the local certificate authority");
    }
    return impl;
  }

  static Result<std::unique_ptr<Impl>> load(const std::string& certificate, const std::string& key) {
    auto impl = std::make_unique<Impl>();
    const BioPtr certificate_bio(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
    const BioPtr key_bio(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
    impl->certificate.reset(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    impl->key.reset(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    if (!impl->certificate || !impl->key || X509_check_private_key(impl->certificate.get(), impl->key.get()) != 1) {
      auto error = openssl_error("cannot read the local certificate authority");
      error.hint = "remove ca.pem and ca-key.pem in the workspace's tls folder; new ones are made";
      return error;
    }
    return impl;
  }
};

LocalAuthority::LocalAuthority(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

LocalAuthority::LocalAuthority(LocalAuthority&&) noexcept = default;
LocalAuthority& LocalAuthority::operator=(LocalAuthority&&) noexcept = default;
LocalAuthority::~LocalAuthority() = default;

Result<LocalAuthority> LocalAuthority::open(const fs::path& folder) {
  PIER_TRY(make_directories(folder, 0700));
  const auto certificate_file = folder / "ca.pem";
  const auto key_file = folder / "ca-key.pem";
  const auto certificate = read_file(certificate_file);
  const auto key = read_file(key_file);
  if (certificate && key) {
    PIER_TRY_ASSIGN(auto impl, Impl::load(*certificate, *key));
    return LocalAuthority(std::move(impl));
  }
  // The key first: a certificate without its key would be handed out in vain.
  PIER_TRY_ASSIGN(auto impl, Impl::make());
  PIER_TRY(write_file_atomically(key_file, pem_of(impl->key.get()), Durability::fsync, 0600));
  PIER_TRY(write_file_atomically(certificate_file, pem_of(impl->certificate.get()), Durability::fsync, 0644));
  return LocalAuthority(std::move(impl));
}

Result<Certificate> LocalAuthority::issue(const std::vector<std::string>& names) const {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr made(X509_new());
  X509* issuer = impl_->certificate.get();
  X509* own = made.get();
  if (!key || own == nullptr || names.empty() || !fill(own, key.get(), names.front(), 397) ||
      X509_set_issuer_name(own, X509_get_subject_name(issuer)) != 1 ||
      !add_extension(own, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(own, issuer, NID_key_usage, "critical,digitalSignature") ||
      !add_extension(own, issuer, NID_ext_key_usage, "serverAuth") ||
      !add_extension(own, issuer, NID_subject_key_identifier, "hash") ||
      !add_extension(own, issuer, NID_authority_key_identifier, "keyid") ||
      !add_extension(own, issuer, NID_subject_alt_name, alternative_names(names)) ||
      X509_sign(own, impl_->key.get(), EVP_sha256()) == 0) {
    return openssl_error("cannot issue a server certificate");
  }
  return Certificate{.certificate = pem_of(own) + pem_of(issuer), .key = Secret(pem_of(key.get()))};
}

} // namespace pier::lakebase
