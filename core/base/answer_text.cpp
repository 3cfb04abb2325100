#include "core/base/answer_text.hpp"

namespace pier {

std::string summary_of(const Error& error) {
  if (error.answer == nullptr) {
    return error.to_string();
  }
  auto shown = error;
  if (error.answer->message == error.answer->reason) {
    shown.message = error.answer->reason; // the workspace said nothing more
  }
  const auto& code = error.answer->error_code;
  return shown.to_string() + " (" + std::to_string(error.answer->status) + (code.empty() ? "" : " " + code) + ")";
}

std::string answer_of(const Error& error) {
  if (error.answer == nullptr) {
    return {};
  }
  const auto& answer = *error.answer;
  return "Endpoint: " + answer.endpoint + "\nHTTP Status: " + std::to_string(answer.status) + " " + answer.reason +
         "\nAPI error_code: " + answer.error_code + "\nAPI message: " + answer.message;
}

} // namespace pier
