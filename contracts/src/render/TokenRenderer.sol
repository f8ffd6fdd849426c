// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Base64} from "solady/utils/Base64.sol";
import {LibString} from "solady/utils/LibString.sol";
import {ITokenRenderer, TokenView} from "../interfaces/ITokenRenderer.sol";
import {ImageKind, Model} from "../Model.sol";
import {Png} from "./Png.sol";
import {Pose} from "./Pose.sol";
import {Svg} from "./Svg.sol";

/// @title The documents and pictures of tokens
/// @notice Follows the metadata schema of ERC-7007: `image` is the posed picture, `aigc_data` the proven image before the pose. A
/// contract of its own, without state, so that collections stay small; a collection's renderer is fixed.
contract TokenRenderer is ITokenRenderer {
    /// @dev CIDv1 in base 16 of a raw block with a keccak-256 multihash; the 32 bytes of the hash follow.
    string private constant CID_PREFIX = "ipfs://f01551b20";

    /// @inheritdoc ITokenRenderer
    function tokenURI(TokenView calldata token, Model calldata model) external pure returns (string memory) {
        (string memory image, string memory data, bytes memory attributes) =
            token.onchain ? _drawn(token, model) : _addressed(token);
        return _document(
            bytes.concat(
                _head(token),
                '","model_commitment":"',
                bytes(LibString.toHexString(uint256(model.commitment), 32)),
                '","image":"',
                bytes(image),
                '","aigc_type":"image","aigc_data":"',
                bytes(data),
                '","proof_type":"validity (zkML)","attributes":[',
                _poseAttributes(_poseOf(token)),
                attributes,
                "]}"
            )
        );
    }

    /// @inheritdoc ITokenRenderer
    function contractURI(string calldata name, string calldata symbol, Model calldata model)
        external
        pure
        returns (string memory)
    {
        return _document(
            bytes.concat(
                '{"name":"',
                bytes(LibString.escapeJSON(name)),
                '","symbol":"',
                bytes(LibString.escapeJSON(symbol)),
                '","description":"Painted by a small neural network in integer arithmetic. Each token was minted with a',
                ' zero-knowledge proof that the committed network makes exactly its image.","model_commitment":"',
                bytes(LibString.toHexString(uint256(model.commitment), 32)),
                '","model_card":"',
                bytes(LibString.escapeJSON(model.cardUri)),
                '"}'
            )
        );
    }

    /// @inheritdoc ITokenRenderer
    function picture(bytes calldata aigcData, uint256 pose, Model calldata model) public pure returns (bytes memory) {
        bytes memory plain = model.kind == ImageKind.Palette ? Pose.unpack(aigcData) : aigcData;
        return Pose.posed(plain, model.width, model.height, pose);
    }

    /// @dev Picture, proven image and further attributes of a token whose bytes are on chain.
    function _drawn(TokenView calldata token, Model calldata model)
        private
        pure
        returns (string memory, string memory, bytes memory)
    {
        bytes memory posed = picture(token.image, _poseOf(token), model);
        if (model.kind == ImageKind.Palette) {
            (bytes memory svg, uint256 colours) = Svg.draw(posed, model.width, model.height, model.scale, model.palette);
            bytes memory own = Png.palettised(token.image, model.width, model.height, model.palette);
            return (_data("image/svg+xml", svg), _data("image/png", own), _numberAttribute("Colours", int256(colours)));
        }
        bytes memory drawn = _frame(Png.truecolour(posed, model.width, model.height), model);
        bytes memory plain = Png.truecolour(token.image, model.width, model.height);
        return (_data("image/svg+xml", drawn), _data("image/png", plain), "");
    }

    /// @dev The same of a token of which the chain has the hash: the address of its bytes follows from the hash.
    function _addressed(TokenView calldata token) private pure returns (string memory, string memory, bytes memory) {
        string memory hash = LibString.toHexStringNoPrefix(uint256(bytes32(token.image)), 32);
        string memory data = string.concat(CID_PREFIX, hash);
        bool served = bytes(token.imageBase).length != 0;
        return (served ? string.concat(LibString.escapeJSON(token.imageBase), hash) : data, data, "");
    }

    /// @dev A vector picture around a bitmap, so that it is shown at marketplace size with sharp pixels.
    function _frame(bytes memory png, Model calldata model) private pure returns (bytes memory) {
        uint256 unit = Svg.drawnPixel(model.width, model.scale);
        bytes memory size = bytes.concat(
            bytes(LibString.toString(model.width)), " ", bytes(LibString.toString(model.height))
        );
        return bytes.concat(
            '<svg xmlns="http://www.w3.org/2000/svg" width="',
            bytes(LibString.toString(model.width * unit)),
            '" height="',
            bytes(LibString.toString(model.height * unit)),
            '" viewBox="0 0 ',
            size,
            '"><image width="100%" height="100%" style="image-rendering:pixelated" href="',
            bytes(_data("image/png", png)),
            '"/></svg>'
        );
    }

    function _head(TokenView calldata token) private pure returns (bytes memory) {
        return bytes.concat(
            '{"name":"',
            bytes(LibString.escapeJSON(token.collectionName)),
            " #",
            // Eight digits tell tokens of one collection apart for a reader; the full id is in the prompt's hash.
            bytes(LibString.toHexStringNoPrefix(token.id >> 224, 4)),
            '","description":"Painted by a small neural network in integer arithmetic. Before this token was minted, its contract',
            " checked a zero-knowledge proof that the committed network makes exactly this image from this prompt.",
            '","prompt":"',
            bytes(LibString.toHexString(token.prompt)),
            '","creator":"',
            bytes(LibString.toHexStringChecksummed(token.creator))
        );
    }

    function _poseAttributes(uint256 pose) private pure returns (bytes memory) {
        (bool mirror, int256 dx, int256 dy) = Pose.decode(pose);
        return bytes.concat(
            '{"trait_type":"Mirrored","value":"',
            mirror ? bytes("Yes") : bytes("No"),
            '"}',
            _numberAttribute("Shift right", dx),
            _numberAttribute("Shift down", dy)
        );
    }

    function _numberAttribute(string memory name, int256 value) private pure returns (bytes memory) {
        return bytes.concat(
            ',{"trait_type":"', bytes(name), '","display_type":"number","value":', bytes(LibString.toString(value)), "}"
        );
    }

    function _poseOf(TokenView calldata token) private pure returns (uint256) {
        return uint8(token.prompt[token.prompt.length - 1]);
    }

    function _data(string memory mediaType, bytes memory content) private pure returns (string memory) {
        return string.concat("data:", mediaType, ";base64,", Base64.encode(content));
    }

    function _document(bytes memory json) private pure returns (string memory) {
        return _data("application/json", json);
    }
}
