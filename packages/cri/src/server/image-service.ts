import type { CriRuntime } from '../cri.ts';
import type { ImageMethods } from '../v1/index.ts';
import { authConfig, imageMessage } from './image-answers.ts';
import { required } from './invalid-field.ts';
import type { Handlers } from './runtime-service.ts';
import { imageFsMessage } from './stats-answers.ts';

/** CRI's ImageService over any runtime. */
export function imageHandlers(runtime: CriRuntime): Handlers<ImageMethods> {
  return {
    ListImages: async ({ filter }) => {
      const reference = filter?.image?.image ?? '';
      if (reference === '') return { images: (await runtime.listImages()).map(imageMessage) };
      const image = await runtime.imageStatus(reference);
      return { images: image === undefined ? [] : [imageMessage(image)] };
    },
    ImageStatus: async ({ image, verbose }) => {
      const found = await runtime.imageStatus(required(image?.image, 'image.image'));
      return { image: found === undefined ? null : imageMessage(found), ...(verbose ? { info: {} } : {}) };
    },
    PullImage: async ({ image, auth }, signal) => {
      const credentials = authConfig(auth);
      return { imageRef: await runtime.pullImage(required(image?.image, 'image.image'), { signal, ...(credentials === undefined ? {} : { auth: credentials }) }) };
    },
    RemoveImage: async ({ image }) => {
      await runtime.removeImage(required(image?.image, 'image.image'));
      return {};
    },
    ImageFsInfo: async () => imageFsMessage(await runtime.imageFsInfo()),
  };
}
