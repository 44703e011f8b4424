// The rooms of this folder, for the list in import.cc alone.
#pragma once

#include "knowledge/importers/import.h"

namespace assay {

#define ASSAY_IMPORTER(room)                                                                                 \
  namespace room {                                                                                           \
  int recognise(std::string_view file_name, std::string_view bytes);                                         \
  Status read(std::string_view file_name, std::string_view bytes, const ImportOptions& options, Build& out); \
  }
ASSAY_IMPORTER(misp)
ASSAY_IMPORTER(stix20)
ASSAY_IMPORTER(openioc)
ASSAY_IMPORTER(yara_file)
ASSAY_IMPORTER(sigma_file)
ASSAY_IMPORTER(csv_list)
ASSAY_IMPORTER(plain_list)
ASSAY_IMPORTER(pdf_report)
ASSAY_IMPORTER(html_report)
ASSAY_IMPORTER(markdown_report)
ASSAY_IMPORTER(text_report)
#undef ASSAY_IMPORTER

}  // namespace assay
