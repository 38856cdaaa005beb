// The report's way from a photo to an aligned face, with dlib: HOG face detector, 68 landmarks, affine warp, JPEG.
// A reference for speed and points alone: dlib's landmark model was trained on data that exclude commercial use.
//
//   g++ -O3 -march=native pipeline.cpp -o pipeline $(pkg-config --cflags --libs dlib-1) -ljpeg
//
// Reads paths of JPEG files, one per line.
//   pipeline points MODEL UPSAMPLINGS          prints a line of JSON per picture: file, box, 68 points
//   pipeline crop MODEL UPSAMPLINGS OUTFOLDER  writes crops of 227 x 227, prints one line of JSON with times
#include <dlib/image_io.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_saver/save_jpeg.h>
#include <dlib/image_transforms.h>

#include <chrono>
#include <iostream>
#include <string>

using Image = dlib::array2d<dlib::rgb_pixel>;

static const int SIZE = 227;
// Outer eye corners and base of the nose, and where OpenFace's template has them, in a square of side 1.
static const int POINTS[3] = {36, 45, 33};
static const double PLACES[3][2] = {{0.194157, 0.169267}, {0.788859, 0.158171}, {0.494951, 0.514441}};

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Found {
  bool any = false;
  dlib::rectangle box;
  dlib::full_object_detection shape;
};

static Found find(const Image& image, dlib::frontal_face_detector& detector, const dlib::shape_predictor& predictor,
                  int upsamplings, double& detecting, double& placing) {
  double start = now();
  dlib::pyramid_down<2> pyramid;
  Image larger;
  dlib::assign_image(larger, image);
  for (int i = 0; i < upsamplings; i++) dlib::pyramid_up(larger, pyramid);
  Found found;
  for (const auto& box : detector(larger)) {
    if (!found.any || box.area() > found.box.area()) found.box = box;
    found.any = true;
  }
  detecting += now() - start;
  if (!found.any) return found;
  start = now();
  found.box = pyramid.rect_down(found.box, upsamplings);
  found.shape = predictor(image, found.box);
  placing += now() - start;
  return found;
}

static void crop(const Image& image, const dlib::full_object_detection& shape, Image& result) {
  std::vector<dlib::vector<double, 2>> from, to;
  for (int i = 0; i < 3; i++) {
    from.emplace_back(PLACES[i][0] * SIZE, PLACES[i][1] * SIZE);
    to.emplace_back(shape.part(POINTS[i]).x(), shape.part(POINTS[i]).y());
  }
  result.set_size(SIZE, SIZE);
  dlib::transform_image(image, result, dlib::interpolate_bilinear(), dlib::find_affine_transform(from, to));
}

int main(int count, char** words) {
  const std::string mode = count > 1 ? words[1] : "";
  if (!((mode == "points" && count == 4) || (mode == "crop" && count == 5))) {
    std::cerr << "pipeline points MODEL UPSAMPLINGS | pipeline crop MODEL UPSAMPLINGS OUTFOLDER\n";
    return 1;
  }
  auto detector = dlib::get_frontal_face_detector();
  dlib::shape_predictor predictor;
  dlib::deserialize(words[2]) >> predictor;
  const int upsamplings = std::stoi(words[3]);
  double decoding = 0, detecting = 0, placing = 0, warping = 0, encoding = 0;
  int pictures = 0, faces = 0;
  const double begin = now();
  for (std::string file; std::getline(std::cin, file);) {
    Image image;
    double start = now();
    dlib::load_jpeg(image, file);
    decoding += now() - start;
    const Found found = find(image, detector, predictor, upsamplings, detecting, placing);
    pictures++;
    if (found.any) faces++;
    if (mode == "points") {
      std::cout << "{\"file\":\"" << file << "\",\"box\":";
      if (!found.any) {
        std::cout << "null}" << std::endl;
        continue;
      }
      const auto& box = found.box;
      std::cout << "[" << box.left() << "," << box.top() << "," << box.width() << "," << box.height() << "],\"points\":[";
      for (unsigned i = 0; i < found.shape.num_parts(); i++) {
        std::cout << (i ? "," : "") << "[" << found.shape.part(i).x() << "," << found.shape.part(i).y() << "]";
      }
      std::cout << "]}" << std::endl;
      continue;
    }
    Image result;
    start = now();
    if (found.any) {
      crop(image, found.shape, result);
    } else {
      result.set_size(SIZE, SIZE);
      dlib::resize_image(image, result);
    }
    warping += now() - start;
    start = now();
    dlib::save_jpeg(result, std::string(words[4]) + "/" + std::to_string(pictures) + ".jpg", 95);
    encoding += now() - start;
  }
  if (mode == "crop") {
    std::cout << "{\"pictures\":" << pictures << ",\"faces\":" << faces << ",\"seconds\":" << now() - begin
              << ",\"decode\":" << decoding << ",\"detect\":" << detecting << ",\"landmarks\":" << placing
              << ",\"warp\":" << warping << ",\"encode\":" << encoding << "}" << std::endl;
  }
}
